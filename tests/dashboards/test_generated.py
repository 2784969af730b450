"""The JSON is what the code makes, and all of it."""

from pathlib import Path

import pytest

from dashboards import __main__ as command
from dashboards.catalogue import texts
from dashboards.links import RUNBOOKS
from dashboards.queries import FOLDER

MOST_BYTES = 200 * 1024
"""``kubectl apply`` keeps an object in an annotation, which may have 256 KiB."""


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return dict(texts())


def test_making_them_again_changes_nothing(made: dict[str, str]) -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == made


def test_each_is_small_enough_to_be_applied(made: dict[str, str]) -> None:
    assert max(len(text.encode()) for text in made.values()) < MOST_BYTES


def test_the_links_lead_to_where_a_team_has_its_runbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sys.argv", ["dashboards", "--into", str(tmp_path), "--runbooks", "https://runbooks.test/cifar10"]
    )
    command.main()
    written = "".join(path.read_text() for path in tmp_path.glob("*.json"))
    assert "https://runbooks.test/cifar10/Cifar10Down.md" in written
    assert RUNBOOKS not in written
