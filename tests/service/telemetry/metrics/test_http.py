import io
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from prometheus_client.utils import floatToGoString

from service import uploads
from service.app import Predictor
from service.settings import Settings
from service.telemetry.metrics.http import METHODS, OTHER_METHOD
from service.uploads import Upload
from tests.service.pictures import plain

SIZES = "http_server_request_body_size_bytes"


def sample(predictor: Predictor, name: str, **labels: str) -> float | None:
    return predictor.metrics.registry.get_sample_value(name, labels)


def active(predictor: Predictor) -> dict[str, float | None]:
    gauge = "http_server_active_requests"
    return {name: sample(predictor, gauge, http_request_method=name) for name in (*METHODS, OTHER_METHOD)}


class Body(io.RawIOBase):
    """Chunks as they come, then what ends them."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self._chunks: Iterator[bytes | Exception] = iter(chunks)

    def read(self, size: int = -1) -> bytes:
        chunk = next(self._chunks, b"")
        if isinstance(chunk, Exception):
            raise chunk
        return chunk


def test_a_request_is_active_while_it_is_worked_on(
    client: FlaskClient, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, float | None]] = []
    split = uploads.split

    def look(*given: Any) -> list[Upload]:
        seen.append(active(predictor))
        return split(*given)

    monkeypatch.setattr(uploads, "split", look)
    client.post("/predict", data=plain("cat"))
    assert seen == [{"GET": 0, "POST": 1, "_OTHER": 0}]


def test_no_request_is_active_after_its_answer_whatever_that_was(
    client: FlaskClient, predictor: Predictor, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.post("/predict", data=plain("cat"))
    client.post("/predict", data=b"no image")
    client.post("/predict", environ_overrides={"wsgi.input": Body(TimeoutError()), "CONTENT_LENGTH": "9"})
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
    assert sample(predictor, f"{SIZES}_count") == 1
    assert sample(predictor, f"{SIZES}_sum") == 5000
    assert sample(predictor, f"{SIZES}_bucket", le="4096.0") == 0
    assert sample(predictor, f"{SIZES}_bucket", le="65536.0") == 1


@pytest.mark.parametrize("path", ["/predict", "/feedback"])
@pytest.mark.parametrize("end", [TimeoutError(), ConnectionResetError(), b""])
def test_a_body_that_does_not_come_whole_is_counted_as_far_as_it_came(
    client: FlaskClient, predictor: Predictor, path: str, end: Exception | bytes
) -> None:
    client.post(path, environ_overrides={"wsgi.input": Body(b"abc", end), "CONTENT_LENGTH": "10"})
    assert (sample(predictor, f"{SIZES}_count"), sample(predictor, f"{SIZES}_sum")) == (1, 3)


def test_a_body_that_crosses_the_cap_lies_above_the_last_edge(
    client: FlaskClient, predictor: Predictor, settings: Settings
) -> None:
    chunks = [bytes(settings.max_body_bytes), b"x"]
    answer = client.post("/predict", environ_overrides={"wsgi.input": Body(*chunks), "wsgi.input_terminated": True})
    assert answer.status_code == 413
    last = floatToGoString(settings.max_body_bytes)  # type: ignore[no-untyped-call]
    assert sample(predictor, f"{SIZES}_bucket", le=last) == 0
    assert sample(predictor, f"{SIZES}_count") == 1


def test_a_body_that_was_not_read_has_no_size(client: FlaskClient, predictor: Predictor) -> None:
    client.post("/nowhere", data=b"abc")
    client.post("/predict", environ_overrides={"CONTENT_LENGTH": "1000000000"})
    assert sample(predictor, f"{SIZES}_count") == 0


def test_a_head_is_counted_as_the_get_it_stands_for(client: FlaskClient, predictor: Predictor) -> None:
    client.head("/model")
    labels = {"http_request_method": "GET", "http_route": "/model", "http_response_status_code": "200"}
    assert sample(predictor, "http_server_request_duration_seconds_count", **labels) == 1


def test_probes_and_scrapes_are_counted_together(client: FlaskClient, predictor: Predictor) -> None:
    for path in ("/healthz", "/readyz", "/metrics"):
        client.get(path)
    client.post("/predict", data=plain("cat"))
    assert sample(predictor, "cifar10_operational_requests_total") == 3
