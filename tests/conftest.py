"""Fixtures for every test."""

import shutil
import signal
from collections.abc import Callable

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.missing import missing

TOGETHER = ("container", "monitoring/live")
"""Folders whose tests share what takes long to set up: one process runs them all, and runs them first."""


class FileScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Runs the tests of a file, or of a folder of :data:`TOGETHER`, in one process of pytest-xdist."""

    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid.partition("::")[0])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> FileScheduling:
    return FileScheduling(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: _scope(item.nodeid.partition("::")[0]) not in TOGETHER)


def _scope(path: str) -> str:
    return next((folder for folder in TOGETHER if path.startswith(f"tests/{folder}/")), path)


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
