from collections.abc import Iterator

import pytest

from service.healthcheck import alive
from service.settings import Settings
from tests.http_server import Handler, serving


@pytest.fixture
def answers() -> Iterator[tuple[int, dict[str, int]]]:
    """A port, and the status that /healthz there is answered with."""
    status = {"/healthz": 200}

    class Health(Handler):
        def do_GET(self) -> None:
            self.send_response(status.get(self.path, 404))
            self.end_headers()

    with serving(Health) as port:
        yield port, status


@pytest.mark.parametrize("host", ["0.0.0.0", "127.0.0.1"])
def test_a_server_that_says_it_is_alive_is(answers: tuple[int, dict[str, int]], host: str) -> None:
    assert alive(Settings(host=host, ops_port=answers[0]))


def test_a_server_that_says_it_is_not_is_not(answers: tuple[int, dict[str, int]]) -> None:
    answers[1]["/healthz"] = 503
    assert not alive(Settings(ops_port=answers[0]))


def test_where_nobody_listens_nobody_is_alive(answers: tuple[int, dict[str, int]]) -> None:
    assert not alive(Settings(host="127.0.0.2", ops_port=answers[0]))
