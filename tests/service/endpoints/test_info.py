from flask.testing import FlaskClient

from service.app import create_app
from service.settings import Settings
from tests.service.answers import body
from tests.service.fakes import ColourEngine


def test_the_card_of_the_loaded_model_is_served(client: FlaskClient) -> None:
    answer = client.get("/model")
    assert answer.status_code == 200
    assert body(answer)["name"] == "colours"
    assert list(body(answer))[:2] == ["name", "version"]


def test_before_loading_there_is_no_card(settings: Settings) -> None:
    answer = create_app(settings, ColourEngine()).test_client().get("/model")
    assert (answer.status_code, body(answer)["code"]) == (503, "not_ready")
