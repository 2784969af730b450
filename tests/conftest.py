"""Fixtures for every test."""

import shutil
import signal
from collections.abc import Callable

import pytest

from tests.missing import missing


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
