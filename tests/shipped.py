"""Copies of the model that ships, for tests that damage one."""

import shutil
from pathlib import Path

ARTIFACTS = Path(__file__).parents[1] / "model" / "artifacts"


def copied(folder: Path) -> Path:
    """A copy inside the folder."""
    return shutil.copytree(ARTIFACTS, folder / "artifact")


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
