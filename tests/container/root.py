"""The right to build and restrict containers."""

import os

from tests.missing import missing


def require_root() -> None:
    """Skip the test for want of it; under ``CI=true`` fail."""
    if os.geteuid() != 0:
        missing("building and restricting containers as here needs root")
