from collections.abc import Iterator

import pytest

from service.healthcheck import alive
from service.settings import Settings
from tests.http_server import Handler, serving


@pytest.fixture
def answers() -> Iterator[tuple[int, dict[str, int]]]:
    """A port, and the status of its /healthz."""
    status = {"/healthz": 200}

    class Health(Handler):
        def do_GET(self) -> None:
            self.send_response(status.get(self.path, 404))
            self.end_headers()

    with serving(Health) as port:
        yield port, status


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_a_server_whose_healthz_answers_200_is_alive(answers: tuple[int, dict[str, int]], host: str) -> None:
    assert alive(Settings(host=host, ops_port=answers[0]))


def test_a_server_whose_healthz_answers_503_is_not_alive(answers: tuple[int, dict[str, int]]) -> None:
    answers[1]["/healthz"] = 503
    assert not alive(Settings(ops_port=answers[0]))


def test_a_port_without_a_server_is_not_alive(answers: tuple[int, dict[str, int]]) -> None:
    assert not alive(Settings(host="127.0.0.2", ops_port=answers[0]))
