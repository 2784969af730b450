"""Liveness, readiness and the model card."""

from flask.testing import FlaskClient

from service.app import Predictor, create_app
from service.lifecycle import CHECKS
from service.settings import Settings
from tests.service.fakes import ColourEngine
from tests.service.messages import body


def test_a_loaded_server_is_alive_and_ready(client: FlaskClient) -> None:
    assert client.get("/healthz").status_code == 200
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert body(ready)["state"] == "ready"
    assert tuple(body(ready)["checks"]) == CHECKS
    assert all(check["passed"] for check in body(ready)["checks"].values())


def test_a_loading_server_is_not_ready_and_says_when_to_retry(settings: Settings) -> None:
    answer = create_app(settings, ColourEngine()).test_client().get("/readyz")
    assert answer.status_code == 503
    assert body(answer)["state"] == "loading"
    assert not body(answer)["checks"]["weights"]["passed"]
    assert answer.headers["Retry-After"] == "1"


def test_a_draining_server_is_alive_and_not_ready(client: FlaskClient, predictor: Predictor) -> None:
    predictor.lifecycle.drain()
    assert client.get("/healthz").status_code == 200
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert not body(answer)["checks"]["not_draining"]["passed"]
    assert "Retry-After" not in answer.headers


def test_a_server_without_its_batching_thread_is_not_alive(client: FlaskClient, predictor: Predictor) -> None:
    predictor.stop()
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert body(answer) == {"status": "the batching thread is dead or stuck"}


def test_the_card_of_the_loaded_model_is_served(client: FlaskClient) -> None:
    answer = client.get("/model")
    assert answer.status_code == 200
    assert body(answer)["name"] == "colours"
    assert list(body(answer))[:2] == ["name", "version"]


def test_before_loading_there_is_no_card(settings: Settings) -> None:
    answer = create_app(settings, ColourEngine()).test_client().get("/model")
    assert (answer.status_code, body(answer)["code"]) == (503, "not_ready")
