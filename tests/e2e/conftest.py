"""Fixtures that start real servers: one for the session, and one per test that needs its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.server import Server, running
from tests.e2e.traffic import BIRD
from tests.marks import mark

Start = Callable[..., Server]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, Path(__file__).parent, pytest.mark.e2e)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A ready server with default settings, shared by all tests of a process; a test must not change it."""
    with running(tmp_path_factory.mktemp("server"), log_format="json") as server:
        yield server.wait_until_ready()


@pytest.fixture
def sturdy(server: Server) -> Iterator[Server]:
    """The shared server, which must still serve after the test and must not log a stack trace."""
    before = len(server.log())
    [worker] = server.workers()
    yield server
    answer = server.predict(BIRD)
    assert (answer.status_code, answer.json()["predict"]) == (200, "bird")
    assert server.workers() == [worker]
    assert "Traceback" not in server.log()[before:]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """``start(drain_seconds=1)`` starts a server, which may not be ready yet, and stops it after the test.

    Positional arguments are passed to gunicorn.
    """
    with ExitStack() as stack:
        yield lambda *arguments, **settings: stack.enter_context(running(tmp_path, *arguments, **settings))
