import io
import threading
from dataclasses import replace

import numpy as np
import pytest
from flask.testing import FlaskClient
from numpy.typing import NDArray

from model.labels import CLASSES
from service.app import Predictor, create_app
from service.settings import Settings
from tests.service.fakes import ColourEngine
from tests.service.messages import body
from tests.service.pictures import plain


@pytest.mark.parametrize("label", CLASSES)
def test_an_image_is_answered_with_its_class(client: FlaskClient, label: str) -> None:
    answer = client.post("/predict", data={"file": (io.BytesIO(plain(label)), "x.png")})
    assert answer.status_code == 200
    assert body(answer)["predict"] == label


def test_one_image_is_answered_with_the_fields_of_the_contract(client: FlaskClient) -> None:
    answer = client.post("/predict", data=plain("bird"), headers={"X-Request-Id": "abc"})
    assert list(body(answer)) == ["predict", "confidence", "probabilities", "prediction_id", "model", "request_id"]
    assert tuple(body(answer)["probabilities"]) == CLASSES
    assert body(answer)["confidence"] == body(answer)["probabilities"]["bird"]
    assert body(answer)["model"] == {"name": "colours", "version": "0.0.1"}
    assert body(answer)["request_id"] == "abc"


def test_several_images_are_answered_in_order_with_their_names(client: FlaskClient) -> None:
    files = [(io.BytesIO(plain(label)), f"{label}.png") for label in ("ship", "cat", "frog")]
    answer = client.post("/predict", data={"file": files})
    assert list(body(answer)) == ["predictions", "model", "request_id"]
    assert [one["predict"] for one in body(answer)["predictions"]] == ["ship", "cat", "frog"]
    assert [one["filename"] for one in body(answer)["predictions"]] == ["ship.png", "cat.png", "frog.png"]


def test_a_bad_image_among_several_is_named(client: FlaskClient) -> None:
    files = [(io.BytesIO(plain("ship")), "good.png"), (io.BytesIO(b"text"), "bad.png")]
    answer = client.post("/predict", data={"file": files})
    assert answer.status_code == 415
    assert body(answer)["detail"].startswith("Image 2 of 2 ('bad.png'): ")


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"", 400, "no_image"),
        (b"not an image", 415, "unsupported_format"),
        (plain("cat")[:60], 422, "undecodable_image"),
        (plain("cat", (5000, 5000)), 413, "too_many_pixels"),
        (bytes(9 << 20), 413, "body_too_large"),
    ],
)
def test_a_refusal_is_a_problem_with_a_code_and_a_hint(
    client: FlaskClient, data: bytes, status: int, code: str
) -> None:
    answer = client.post("/predict", data=data)
    assert (answer.status_code, body(answer)["code"]) == (status, code)
    assert answer.content_type == "application/problem+json"
    assert body(answer)["hint"]
    assert body(client.post("/predict", data=plain("cat")))["predict"] == "cat"


def test_a_loading_server_answers_not_ready(settings: Settings) -> None:
    answer = create_app(settings, ColourEngine()).test_client().post("/predict", data=plain("cat"))
    assert (answer.status_code, body(answer)["code"]) == (503, "not_ready")


def test_a_draining_server_still_answers(client: FlaskClient, predictor: Predictor) -> None:
    predictor.lifecycle.drain()
    assert client.post("/predict", data=plain("cat")).status_code == 200


def test_a_stopped_server_refuses_as_draining(client: FlaskClient, predictor: Predictor) -> None:
    predictor.stop()
    answer = client.post("/predict", data=plain("cat"))
    assert (answer.status_code, body(answer)["code"]) == (503, "draining")


def test_a_full_queue_is_answered_with_retry_after_in_seconds_and_milliseconds(settings: Settings) -> None:
    app = create_app(replace(settings, queue_capacity=1, max_images=4), ColourEngine())
    predictor: Predictor = app.extensions["predictor"]
    predictor.start().join()
    files = [(io.BytesIO(plain("cat")), "x.png") for _ in range(2)]
    answer = app.test_client().post("/predict", data={"file": files})
    predictor.stop()
    assert (answer.status_code, body(answer)["code"]) == (429, "queue_full")
    assert int(answer.headers["Retry-After"]) >= 1
    assert body(answer)["retry_after_ms"] >= 1


class HeldEngine(ColourEngine):
    """Computes only while ``may`` is set."""

    def __init__(self) -> None:
        self.may = threading.Event()
        self.may.set()

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.may.wait()
        return super().predict(images)


def test_a_missed_deadline_is_answered_with_504(settings: Settings) -> None:
    engine = HeldEngine()
    app = create_app(replace(settings, deadline_seconds=0.5), engine)
    predictor: Predictor = app.extensions["predictor"]
    predictor.start().join()
    engine.may.clear()
    answer = app.test_client().post("/predict", data=plain("cat"))
    engine.may.set()
    predictor.stop()
    assert (answer.status_code, body(answer)["code"]) == (504, "deadline_exceeded")
    assert "The prediction was not ready" in body(answer)["detail"]
    assert "queue;dur=" in answer.headers["Server-Timing"]


def test_no_image_is_decoded_after_the_deadline(settings: Settings) -> None:
    app = create_app(replace(settings, deadline_seconds=0.0), ColourEngine())
    predictor: Predictor = app.extensions["predictor"]
    predictor.start().join()
    answer = app.test_client().post("/predict", data=b"not an image at all")
    predictor.stop()
    assert (answer.status_code, body(answer)["code"]) == (504, "deadline_exceeded")
    assert "Decoding" in body(answer)["detail"]
