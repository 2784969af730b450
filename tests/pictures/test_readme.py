"""The pictures in the README are those that its command draws, and are called what they are."""

import re
from pathlib import Path

from PIL import Image

from tests.pictures.page import WIDTH

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
MOST_BYTES = 400_000


def test_the_command_writes_files_of_these_names() -> None:
    (command,) = re.findall(r"`\.venv/bin/python -m tests\.pictures ([^`]*)`", README)
    chosen = re.findall(r"--namespace\s+(\w+)", command)
    pictures = re.findall(r"\(docs/(cifar10-.*)\.png\)", README)
    assert len(pictures) == 2
    assert all((ROOT / "dashboards" / f"{name.rpartition('-')[0]}.json").exists() for name in pictures)
    assert {name.rpartition("-")[2] for name in pictures} == {*chosen}


def test_a_picture_is_whole_and_small() -> None:
    for name in re.findall(r"\((docs/cifar10-.*\.png)\)", README):
        assert (ROOT / name).stat().st_size < MOST_BYTES
        with Image.open(ROOT / name) as picture:
            assert picture.width == WIDTH


def test_nobody_takes_them_for_grafana() -> None:
    assert "**These are not screenshots of Grafana.**" in README
