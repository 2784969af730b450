"""Fixtures for every test."""

import os
import shutil
from collections.abc import Callable

import pytest


@pytest.fixture(scope="session")
def require_tool() -> Callable[[str, str], str]:
    """``require_tool("promtool", "prometheus")`` is the path of promtool, which Debian's prometheus package has.

    Without the tool the test is skipped with the command that installs it; under ``CI=true`` it fails instead.
    """
    return _require_tool


def _require_tool(name: str, package: str) -> str:
    if path := shutil.which(name):
        return path
    reason = f"{name} is not installed: sudo apt-get install {package}"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
