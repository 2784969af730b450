"""Copies of the shipped model artifact, for tests that damage it."""

import shutil
from pathlib import Path

ARTIFACTS = Path(__file__).parents[1] / "model" / "artifacts"


def copied(folder: Path) -> Path:
    """A copy of the artifact in the folder."""
    return shutil.copytree(ARTIFACTS, folder / "artifact")


def flip_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
