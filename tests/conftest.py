"""Fixtures for every test."""

import shutil
import signal
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.missing import missing

ROOT = Path(__file__).parent

TOGETHER = ("container", "monitoring/live")
"""Folders whose tests share what takes long to set up: one process runs them all, and runs them first."""


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Keep the tests of a file in one process of pytest-xdist, since they share fixtures."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    yield
    items.sort(key=lambda item: _group(item) not in TOGETHER)


def _group(item: pytest.Item) -> str:
    path = item.path.relative_to(ROOT)
    return next((folder for folder in TOGETHER if path.is_relative_to(folder)), str(path))


@pytest.fixture(scope="session", autouse=True)
def interruptible() -> None:
    """Programs that tests start can be stopped by Ctrl-C, even where a shell started the tests in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str, str], str]:
    """``require_tool("promtool", "prometheus")`` is the path of promtool, which Debian's prometheus package has.

    Without the tool the test is skipped with the command that installs it; under ``CI=true`` it fails instead.
    """
    return _require_tool


def _require_tool(name: str, package: str) -> str:
    return shutil.which(name) or missing(f"{name} is not installed: sudo apt-get install {package}")
