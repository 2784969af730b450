import io
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from model.labels import CLASSES
from service.app import Predictor, create_app
from service.inference.prediction_id import PredictionIds
from service.settings import Settings
from service.telemetry.middleware import TAKEN
from tests.service.fakes import ColourEngine
from tests.service.messages import Chunks, body
from tests.service.pictures import plain
from tests.service.scrape import value

KEY = "a key that all replicas share"


def predicted(client: FlaskClient, label: str) -> str:
    """The id of a prediction of ``label``."""
    prediction_id: str = body(client.post("/predict", data=plain(label)))["prediction_id"]
    return prediction_id


def send(client: FlaskClient, prediction_id: str, label: str) -> TestResponse:
    return client.post("/feedback", json={"prediction_id": prediction_id, "label": label})


def counted(predictor: Predictor, predicted_class: str, label: str) -> float | None:
    return value(predictor, "cifar10_feedback_total", predicted_class=predicted_class, label=label)


def weights(predictor: Predictor) -> str:
    assert predictor.loader.artifact is not None
    return predictor.loader.artifact.card.sha256


@pytest.fixture
def replicas(settings: Settings) -> Iterator[list[FlaskClient]]:
    """Clients of two servers that share a key."""
    apps = [create_app(replace(settings, feedback_key=KEY), ColourEngine()) for _ in range(2)]
    for app in apps:
        app.extensions["predictor"].start().join()
    yield [app.test_client() for app in apps]
    for app in apps:
        app.extensions["predictor"].stop()


def test_a_correct_prediction_is_counted_as_correct(client: FlaskClient, predictor: Predictor) -> None:
    answer = send(client, predicted(client, "cat"), "cat")
    assert answer.status_code == 202
    assert body(answer) == {"accepted": True, "correct": True, "predicted_class": "cat", "label": "cat"}
    assert counted(predictor, "cat", "cat") == 1.0


def test_a_wrong_prediction_is_counted_by_predicted_and_true_class(client: FlaskClient, predictor: Predictor) -> None:
    answer = send(client, predicted(client, "cat"), "dog")
    assert answer.status_code == 202
    assert body(answer) == {"accepted": True, "correct": False, "predicted_class": "cat", "label": "dog"}
    assert (counted(predictor, "cat", "dog"), counted(predictor, "cat", "cat")) == (1.0, 0.0)


def test_each_image_of_a_request_has_its_own_id(client: FlaskClient, predictor: Predictor) -> None:
    labels = ["ship", "cat", "ship"]
    files = [(io.BytesIO(plain(label)), f"{label}.png") for label in labels]
    found = body(client.post("/predict", data={"file": files}))["predictions"]
    assert list(found[0]) == ["predict", "confidence", "probabilities", "prediction_id", "filename"]
    assert len({one["prediction_id"] for one in found}) == 3
    for one, label in zip(found, labels, strict=True):
        assert body(send(client, one["prediction_id"], label))["correct"]
    assert (counted(predictor, "ship", "ship"), counted(predictor, "cat", "cat")) == (2.0, 1.0)


def test_feedback_sent_twice_is_counted_twice(client: FlaskClient, predictor: Predictor) -> None:
    prediction_id = predicted(client, "frog")
    assert [send(client, prediction_id, "frog").status_code for _ in range(2)] == [202, 202]
    assert counted(predictor, "frog", "frog") == 2.0


def test_the_content_type_does_not_matter_and_further_fields_are_ignored(client: FlaskClient) -> None:
    sent = {"prediction_id": predicted(client, "cat"), "label": "cat", "request_id": "abc", "note": [1]}
    assert client.post("/feedback", data=json.dumps(sent)).status_code == 202


def test_any_replica_with_the_key_accepts_the_feedback(replicas: list[FlaskClient]) -> None:
    prediction_id = predicted(replicas[0], "deer")
    assert [body(send(replica, prediction_id, "deer"))["correct"] for replica in replicas] == [True, True]


@pytest.mark.parametrize("key", ["", "another key, sixteen characters long"])
def test_a_forged_id_is_refused(replicas: list[FlaskClient], predictor: Predictor, key: str) -> None:
    answer = send(replicas[0], PredictionIds(key, 30).issue("cat", weights(predictor)), "cat")
    assert (answer.status_code, body(answer)["code"]) == (400, "bad_prediction_id")


def test_an_expired_id_is_refused(client: FlaskClient, predictor: Predictor) -> None:
    prediction_id = PredictionIds("", 30, clock=lambda: 1_000_000_000.0).issue("cat", weights(predictor))
    answer = send(client, prediction_id, "cat")
    assert (answer.status_code, body(answer)["code"]) == (400, "bad_prediction_id")
    assert body(answer)["detail"] == "The prediction is more than 30 days old."
    assert counted(predictor, "cat", "cat") == 0.0


def test_feedback_on_another_model_is_refused(client: FlaskClient, predictor: Predictor) -> None:
    answer = send(client, PredictionIds("", 30).issue("cat", "f" * 64), "cat")
    assert (answer.status_code, body(answer)["code"]) == (409, "other_model")
    loaded = weights(predictor)[:12]
    assert body(answer)["detail"] == f"The prediction was made with weights ffffffffffff; {loaded} are loaded."
    assert counted(predictor, "cat", "cat") == 0.0


@pytest.mark.parametrize("label", ["lion", "Cat", "", "x" * 1000])
def test_an_unknown_label_is_answered_with_the_known_labels(client: FlaskClient, label: str) -> None:
    answer = send(client, predicted(client, "cat"), label)
    assert (answer.status_code, body(answer)["code"]) == (400, "unknown_label")
    assert all(name in body(answer)["hint"] for name in CLASSES)
    assert len(body(answer)["detail"]) < 100


@pytest.mark.parametrize(
    ("sent", "detail"),
    [
        (b"", "The body is not JSON."),
        (b"label=cat", "The body is not JSON."),
        (b"\xff\xfe", "The body is not JSON."),
        (b"[" * 60_000, "The body is not JSON."),
        (b"[]", "The body is not a JSON object."),
        (b"{}", "The prediction_id is missing."),
        (b'{"label": "cat"}', "The prediction_id is missing."),
        (b'{"prediction_id": "x"}', "The label is missing."),
        (b'{"prediction_id": 1, "label": "cat"}', "The prediction_id is not a string."),
        (b'{"prediction_id": "x", "label": null}', "The label is not a string."),
    ],
)
def test_an_incomplete_body_is_answered_with_an_example(client: FlaskClient, sent: bytes, detail: str) -> None:
    answer = client.post("/feedback", data=sent)
    assert (answer.status_code, body(answer)["code"]) == (400, "bad_request")
    assert body(answer)["detail"] == detail
    assert '{"prediction_id": "...", "label": "cat"}' in body(answer)["hint"]


def test_a_request_id_is_answered_with_a_hint_to_send_the_prediction_id(client: FlaskClient) -> None:
    answer = client.post("/feedback", json={"request_id": "abc", "label": "cat"})
    assert (answer.status_code, body(answer)["code"]) == (400, "bad_request")
    assert body(answer)["hint"].startswith("A request_id does not identify a prediction: send the prediction_id")


@pytest.mark.parametrize("announced", [True, False])
def test_a_large_body_is_refused(client: FlaskClient, announced: bool) -> None:
    length = {} if announced else {"CONTENT_LENGTH": ""}
    environ = {"wsgi.input_terminated": True, **length}
    answer = client.post("/feedback", data=bytes((1 << 16) + 1), environ_overrides=environ)
    assert (answer.status_code, body(answer)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize(("taken", "status", "code"), [(-1e6, 408, "body_timeout"), (1e12, 400, "bad_request")])
def test_a_body_that_does_not_arrive_is_refused(client: FlaskClient, taken: float, status: int, code: str) -> None:
    environ = {"wsgi.input": Chunks(ConnectionResetError()), "CONTENT_LENGTH": "10", TAKEN: taken}
    answer = client.post("/feedback", environ_overrides=environ)
    assert (answer.status_code, body(answer)["code"]) == (status, code)


def test_a_server_without_a_model_answers_not_ready(settings: Settings) -> None:
    answer = send(create_app(settings, ColourEngine()).test_client(), "x", "cat")
    assert (answer.status_code, body(answer)["code"]) == (503, "not_ready")


def test_a_draining_server_still_accepts_feedback(client: FlaskClient, predictor: Predictor) -> None:
    prediction_id = predicted(client, "cat")
    predictor.lifecycle.drain()
    assert send(client, prediction_id, "cat").status_code == 202


def test_no_answer_and_no_log_line_contains_the_key(
    replicas: list[FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("DEBUG"):
        answers = [send(replicas[0], prediction_id, "cat") for prediction_id in ("x", predicted(replicas[0], "cat"))]
    assert KEY not in caplog.text + "".join(answer.text for answer in answers)
