"""Marks for all tests of a folder."""

from collections.abc import Iterable
from pathlib import Path

import pytest


def mark(items: Iterable[pytest.Item], folder: Path, *marks: pytest.MarkDecorator) -> None:
    """Mark the items in the folder; for ``pytest_collection_modifyitems`` of its conftest.py."""
    for item in items:
        if item.path.is_relative_to(folder):
            for each in marks:
                item.add_marker(each)
