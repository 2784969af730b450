import io

import pytest
from flask.testing import FlaskClient

from service.app import Predictor
from service.telemetry.access import LOGGER
from tests.service.pictures import plain


class Stalling(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise TimeoutError


def logged(predictor: Predictor, caplog: pytest.LogCaptureFixture) -> list[str]:
    """The stages of the one request."""
    predictor.record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    return list(line.fields["stages_ms"])  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", ["/predict", "/feedback"])
def test_receiving_is_a_stage_wherever_a_body_is_read(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level("INFO", LOGGER):
        answer = client.post(path, data=plain("cat"))
        assert "receive;dur=" in answer.headers["Server-Timing"]
        assert logged(predictor, caplog)[:2] == ["wait", "receive"]


@pytest.mark.parametrize("path", ["/predict", "/feedback"])
def test_also_where_it_is_in_vain(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture, path: str
) -> None:
    with caplog.at_level("INFO", LOGGER):
        client.post(path, environ_overrides={"wsgi.input": Stalling(), "CONTENT_LENGTH": "9"})
        assert logged(predictor, caplog) == ["wait", "receive"]
