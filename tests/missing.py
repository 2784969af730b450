"""What a test needs of the machine and does not find."""

import os
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test; under ``CI=true`` fail it, so that a proof does not vanish without a word."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
