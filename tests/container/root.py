"""The right to build and restrict containers."""

import os

import pytest


def require_root() -> None:
    """Skip the test for want of it; under ``CI=true`` fail, so that a proof does not vanish without a word."""
    if os.geteuid() == 0:
        return
    reason = "building and restricting containers as here needs root"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
