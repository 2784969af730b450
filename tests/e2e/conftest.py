"""Real servers: one that the session shares, and one for each test that asks for its own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.e2e.server import Server, running
from tests.e2e.traffic import BIRD
from tests.marks import mark

Start = Callable[..., Server]

MARKS = (pytest.mark.e2e, pytest.mark.torch)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, Path(__file__).parent, *MARKS)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A ready server with default settings, shared by all tests: leave it as you found it."""
    with running(tmp_path_factory.mktemp("server"), log_format="json") as server:
        yield server.wait_until_ready()


@pytest.fixture
def sturdy(server: Server) -> Iterator[Server]:
    """The shared server, which must serve on after whatever the test does to it, and log no stack trace."""
    before = len(server.log())
    [worker] = server.workers()
    yield server
    answer = server.predict(BIRD)
    assert (answer.status_code, answer.json()["predict"]) == (200, "bird")
    assert server.workers() == [worker]
    assert "Traceback" not in server.log()[before:]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """``start(drain_seconds=1)`` starts a server of the test's own, perhaps not ready yet, and stops it afterwards.

    Its arguments are gunicorn's.
    """
    with ExitStack() as stack:
        yield lambda *arguments, **settings: stack.enter_context(running(tmp_path, *arguments, **settings))
