import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.utils import floatToGoString

from service.api import multipart_form
from service.api.multipart_form import Upload
from service.app import Predictor
from service.errors import ERRORS
from service.settings import Settings
from service.telemetry.metrics.http import METHODS, OTHER_METHOD, STATUSES, UNMATCHED, status_label
from tests.service.messages import Chunks
from tests.service.pictures import plain
from tests.service.scrape import value

SIZES = "http_server_request_body_size_bytes"


def active(predictor: Predictor) -> dict[str, float | None]:
    gauge = "http_server_active_requests"
    return {name: value(predictor, gauge, http_request_method=name) for name in (*METHODS, OTHER_METHOD)}


def test_a_request_is_active_until_it_is_answered(
    client: FlaskClient, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, float | None]] = []
    split = multipart_form.split

    def look(*given: Any) -> list[Upload]:
        seen.append(active(predictor))
        return split(*given)

    monkeypatch.setattr(multipart_form, "split", look)
    client.post("/predict", data=plain("cat"))
    assert seen == [{"GET": 0, "POST": 1, "_OTHER": 0}]


def test_no_request_is_active_after_any_kind_of_answer(
    client: FlaskClient, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/predict", data=plain("cat"))
    client.post("/predict", data=b"no image")
    client.post("/predict", environ_overrides={"wsgi.input": Chunks(TimeoutError()), "CONTENT_LENGTH": "9"})
    client.open("/predict", method="BREW")
    client.get("/nowhere")
    client.get("/metrics")
    client.head("/model")
    monkeypatch.setattr(predictor.batcher, "submit", lambda *given, **named: 1 / 0)
    assert client.post("/predict", data=plain("cat")).status_code == 500
    assert active(predictor) == {"GET": 0, "POST": 0, "_OTHER": 0}


@pytest.mark.parametrize("path", ["/predict", "/feedback"])
def test_a_body_is_counted_with_its_size(client: FlaskClient, predictor: Predictor, path: str) -> None:
    client.post(path, data=bytes(5000))
    assert value(predictor, f"{SIZES}_count") == 1
    assert value(predictor, f"{SIZES}_sum") == 5000
    assert value(predictor, f"{SIZES}_bucket", le="4096.0") == 0
    assert value(predictor, f"{SIZES}_bucket", le="65536.0") == 1


@pytest.mark.parametrize("path", ["/predict", "/feedback"])
@pytest.mark.parametrize("end", [TimeoutError(), ConnectionResetError(), b""])
def test_an_incomplete_body_is_counted_with_the_bytes_that_were_read(
    client: FlaskClient, predictor: Predictor, path: str, end: Exception | bytes
) -> None:
    client.post(path, environ_overrides={"wsgi.input": Chunks(b"abc", end), "CONTENT_LENGTH": "10"})
    assert (value(predictor, f"{SIZES}_count"), value(predictor, f"{SIZES}_sum")) == (1, 3)


def test_a_body_over_the_limit_is_above_the_last_bucket(
    client: FlaskClient, predictor: Predictor, settings: Settings
) -> None:
    chunks = [bytes(settings.max_body_bytes), b"x"]
    answer = client.post("/predict", environ_overrides={"wsgi.input": Chunks(*chunks), "wsgi.input_terminated": True})
    assert answer.status_code == 413
    last = floatToGoString(settings.max_body_bytes)  # type: ignore[no-untyped-call]
    assert value(predictor, f"{SIZES}_bucket", le=last) == 0
    assert value(predictor, f"{SIZES}_count") == 1


def test_a_body_that_was_not_read_has_no_size(client: FlaskClient, predictor: Predictor) -> None:
    client.post("/nowhere", data=b"abc")
    client.post("/predict", environ_overrides={"CONTENT_LENGTH": "1000000000"})
    assert value(predictor, f"{SIZES}_count") == 0


def test_head_is_counted_as_get(client: FlaskClient, predictor: Predictor) -> None:
    client.head("/model")
    labels = {"http_request_method": "GET", "http_route": "/model", "http_response_status_code": "200"}
    assert value(predictor, "http_server_request_duration_seconds_count", **labels) == 1


def test_probes_and_scrapes_are_counted_together(client: FlaskClient, predictor: Predictor) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        client.get(path)
    client.post("/predict", data=plain("cat"))
    assert value(predictor, "cifar10_operational_requests_total") == 3


@pytest.mark.parametrize("status", [200, 429, 500, 503, 504])
def test_statuses_that_describe_the_server_have_their_own_label(status: int) -> None:
    assert status_label("/predict", status) == str(status)


@pytest.mark.parametrize("status", [400, 408, 413, 415, 422])
def test_errors_of_the_client_share_one_label(status: int) -> None:
    assert status_label("/predict", status) == "4xx"


@pytest.mark.parametrize(
    ("route", "status", "label"),
    [
        ("/feedback", 202, "202"),
        ("/feedback", 409, "4xx"),
        ("/feedback", 503, "5xx"),
        ("/model", 503, "5xx"),
        (UNMATCHED, 404, "4xx"),
        (UNMATCHED, 431, "4xx"),
        ("/new", 200, "200"),
        ("/new", 400, "4xx"),
        ("/new", 504, "5xx"),
    ],
)
def test_other_routes_have_a_label_for_success_and_one_per_class_of_errors(route: str, status: int, label: str) -> None:
    assert status_label(route, status) == label


@pytest.mark.parametrize("status", {error.status for error in ERRORS})
def test_a_regular_expression_for_a_class_matches_every_label(status: int) -> None:
    for route in STATUSES:
        assert re.fullmatch(f"{status // 100}..", status_label(route, status))
