"""The play, which runs once for all tests."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.marks import mark
from tests.monitoring.live.play import Play, performed

MARKS = (pytest.mark.e2e, pytest.mark.timeout(1200))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark(items, Path(__file__).parent, *MARKS)


@pytest.fixture(scope="session")
def play(require_tool: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Play]:
    with performed(require_tool, tmp_path_factory.mktemp("play")) as play:
        yield play
