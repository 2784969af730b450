"""The access log."""

import logging
import re
import time

import pytest
from flask.testing import FlaskClient

from service.app import Predictor
from service.telemetry.logs.access_log import LOGGER
from service.telemetry.stages import STAGES
from tests.service.messages import body
from tests.service.pictures import plain


def test_each_request_is_one_line_with_its_fields(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        answer = client.post("/predict", data=plain("cat"), headers={"X-Request-Id": "abc"})
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    fields = line.fields  # type: ignore[attr-defined]
    assert fields["request_id"] == "abc"
    assert (fields["status"], fields["route"], fields["predict"]) == (200, "/predict", ["cat"])
    assert fields["prediction_ids"] == [body(answer)["prediction_id"]]
    assert (fields["model_version"], fields["batch_size"]) == ("0.0.1", 1)
    assert tuple(fields["stages_ms"]) == STAGES
    assert re.fullmatch(r"POST /predict 200 in [\d.]+ ms cat 0\.\d\d", line.getMessage())


def test_a_line_has_the_time_of_the_answer(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        before = time.time()
        client.post("/predict", data=plain("cat"))
        after = time.time()
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert before <= line.created <= after


def test_feedback_is_logged_with_the_id_of_its_prediction(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        prediction_id = body(client.post("/predict", data=plain("cat")))["prediction_id"]
        client.post("/feedback", json={"prediction_id": prediction_id, "label": "dog"})
        predictor.record()
    prediction, feedback = [record for record in caplog.records if record.name == LOGGER]
    fields = feedback.fields  # type: ignore[attr-defined]
    assert fields["prediction_id"] in prediction.fields["prediction_ids"]  # type: ignore[attr-defined]
    assert (fields["predicted_class"], fields["label"]) == ("cat", "dog")
    assert re.fullmatch(r"POST /feedback 202 in [\d.]+ ms predicted cat, label dog", feedback.getMessage())


@pytest.mark.parametrize("label", ["lion", "cat"])
def test_an_invalid_prediction_id_is_not_logged(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture, label: str
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        client.post("/feedback", json={"prediction_id": "x" * 1000, "label": label})
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert "prediction_id" not in line.fields  # type: ignore[attr-defined]
    assert len(line.getMessage()) < 200


def test_a_refusal_is_logged_with_its_code_and_detail(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        client.post("/predict", data=b"no image")
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert "unsupported_format: The 8 bytes are not an image" in line.getMessage()


def test_probes_are_logged_at_debug_level_only(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        client.get("/readyz")
        client.get("/healthz")
        client.get("/metrics")
        predictor.record()
    assert not [record for record in caplog.records if record.name == LOGGER]


def test_a_long_path_is_truncated(client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        client.get("/" + "x" * 3000)
        predictor.record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    assert len(line.fields["path"]) == 200  # type: ignore[attr-defined]
