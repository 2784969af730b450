import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench.peers.document import document
from tests.bench.peers.limited import limit
from tests.bench.peers.picture import picture

DOCS = Path(__file__).parents[3] / "docs"


@pytest.fixture(scope="module")
def run() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DOCS / "performance.json").read_text())
    return found


def test_the_page_is_what_the_run_says(run: dict[str, Any]) -> None:
    assert (DOCS / "performance.md").read_text() == document(run)


def test_the_picture_is_what_the_run_says(run: dict[str, Any]) -> None:
    assert (DOCS / "performance.svg").read_text() == picture(run)


def test_who_was_left_out_is_named_with_the_reason(run: dict[str, Any]) -> None:
    assert "Left out: bentoml, as pip failed." in document({**run, "skipped": {"bentoml": "pip failed"}})


@pytest.mark.parametrize(("share", "said"), [(0.02, False), (0.3, True)])
def test_a_machine_that_had_other_work_is_called_so(run: dict[str, Any], share: float, said: bool) -> None:
    assert ("not quiet" in document({**run, "others_share": share})) is said


def test_without_the_baseline_there_is_still_a_page(run: dict[str, Any]) -> None:
    ours = [each for each in run["contestants"] if each["ours"]]
    keys = {each["key"] for each in ours}
    rows = {kind: [row for row in run[kind] if row["contestant"] in keys] for kind in ("closed", "open")}
    alone = {**run, "contestants": ours, **rows}
    assert "makes 1" not in document(alone)
    assert picture(alone).startswith("<svg")


def test_the_limit_is_what_two_cores_do_if_they_never_wait() -> None:
    parts = {"engine torch 16": 2000.0, "decode png": 4000.0, "http 32 cpu_ms": 0.5}
    milliseconds = 1.0 + 0.5 + 0.5
    assert limit(parts, "torch", 2) == pytest.approx(2 * 1000 / milliseconds)
