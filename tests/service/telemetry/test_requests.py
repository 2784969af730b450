import logging
import re
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import Predictor
from service.telemetry.access import LOGGER as ACCESS
from service.telemetry.stages import STAGES
from tests.service.answers import body
from tests.service.pictures import plain

COUNT = "http_server_request_duration_seconds_count"


def counted(predictor: Predictor, method: str, route: str, status: str) -> float | None:
    labels = {"http_request_method": method, "http_route": route, "http_response_status_code": status}
    return predictor.metrics.registry.get_sample_value(COUNT, labels)


def test_a_sane_request_id_is_echoed(client: FlaskClient) -> None:
    assert client.get("/healthz", headers={"X-Request-Id": "a-1.b_2:3"}).headers["X-Request-Id"] == "a-1.b_2:3"


@pytest.mark.parametrize("given", ["", "x" * 65, "with space", "<script>", "é"])
def test_any_other_request_id_is_replaced(client: FlaskClient, given: str) -> None:
    answer = client.get("/healthz", headers={"X-Request-Id": given})
    assert re.fullmatch(r"[0-9a-f]{32}", answer.headers["X-Request-Id"])


def test_server_timing_names_every_stage(client: FlaskClient) -> None:
    header = client.post("/predict", data=plain("cat")).headers["Server-Timing"]
    assert re.findall(r"(\w+);dur=[\d.]+", header) == [*STAGES, "total"]


def test_a_refusal_has_its_stages_too(client: FlaskClient) -> None:
    header = client.post("/predict", data=b"no image").headers["Server-Timing"]
    assert "decode;dur=" in header
    assert "inference" not in header


def test_requests_are_counted_by_method_route_and_status(client: FlaskClient, predictor: Predictor) -> None:
    client.post("/predict", data=plain("cat"))
    client.post("/predict", data=b"no image")
    assert counted(predictor, "POST", "/predict", "200") == 1.0
    assert counted(predictor, "POST", "/predict", "4xx") == 1.0
    refused = predictor.metrics.registry.get_sample_value(
        "cifar10_requests_refused_total", {"code": "unsupported_format"}
    )
    assert refused == 1.0


def test_a_scanner_adds_one_series_and_not_thousands(client: FlaskClient, predictor: Predictor) -> None:
    for number in range(50):
        client.open(f"/admin/{number}.php", method=f"SCAN{number}")
    assert counted(predictor, "_OTHER", "_unmatched", "4xx") == 50.0


def test_each_request_is_one_access_line_with_its_fields(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        answer = client.post("/predict", data=plain("cat"), headers={"X-Request-Id": "abc"})
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == ACCESS]
    fields = line.fields  # type: ignore[attr-defined]
    assert fields["request_id"] == "abc"
    assert (fields["status"], fields["route"], fields["predict"]) == (200, "/predict", ["cat"])
    assert fields["prediction_ids"] == [body(answer)["prediction_id"]]
    assert (fields["model_version"], fields["batch_size"]) == ("0.0.1", 1)
    assert tuple(fields["stages_ms"]) == STAGES
    assert re.fullmatch(r"POST /predict 200 in [\d.]+ ms cat 0\.\d\d", line.getMessage())


def test_a_line_has_the_time_of_the_answer_and_not_of_its_writing(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        before = time.time()
        client.post("/predict", data=plain("cat"))
        after = time.time()
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == ACCESS]
    assert before <= line.created <= after


def test_feedback_is_logged_so_that_it_can_be_joined_with_its_prediction(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        prediction_id = body(client.post("/predict", data=plain("cat")))["prediction_id"]
        client.post("/feedback", json={"prediction_id": prediction_id, "label": "dog"})
        predictor.record()
    prediction, feedback = [record for record in caplog.records if record.name == ACCESS]
    fields = feedback.fields  # type: ignore[attr-defined]
    assert fields["prediction_id"] in prediction.fields["prediction_ids"]  # type: ignore[attr-defined]
    assert (fields["predicted_class"], fields["label"]) == ("cat", "dog")
    assert re.fullmatch(r"POST /feedback 202 in [\d.]+ ms cat, was dog", feedback.getMessage())


@pytest.mark.parametrize("label", ["lion", "cat"])
def test_what_is_no_id_of_ours_gets_into_no_log(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture, label: str
) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        client.post("/feedback", json={"prediction_id": "x" * 1000, "label": label})
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == ACCESS]
    assert "prediction_id" not in line.fields  # type: ignore[attr-defined]
    assert len(line.getMessage()) < 200


def test_a_refusal_is_logged_with_its_code_and_reason(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        client.post("/predict", data=b"no image")
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == ACCESS]
    assert "unsupported_format: The 8 bytes are not an image" in line.getMessage()


def test_probes_are_quiet(client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, ACCESS):
        client.get("/readyz")
        client.get("/healthz")
        client.get("/metrics")
        predictor.record()
    assert not [record for record in caplog.records if record.name == ACCESS]


def test_the_stack_trace_of_a_bug_is_found_by_the_ids_that_the_client_has(
    app: Flask, client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(predictor.batcher, "submit", lambda *given, **named: 1 / 0)
    answer = client.post("/predict", data=plain("cat"), headers={"X-Request-Id": "abc"})
    assert answer.status_code == 500
    (line,) = [record for record in caplog.records if record.exc_info]
    fields = line.fields  # type: ignore[attr-defined]
    assert fields["request_id"] == "abc"
    assert answer.headers["traceresponse"] == f"00-{fields['trace_id']}-{fields['span_id']}-00"
