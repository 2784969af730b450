"""The figures and the format of the model card."""

import json
import re
from pathlib import Path

import pytest

from model.provenance import TRAINING_SOURCES, code_sha256, machine, versions

pytestmark = pytest.mark.torch


def test_multiply_accumulates_are_those_of_the_layers() -> None:
    from model.card import multiply_accumulates
    from model.network import Network

    expected = 31 * 31 * 24 * 3 * 4
    expected += 31 * 31 * 64 * 24 * 9 + 15 * 15 * 64 * 64 * 9
    expected += 15 * 15 * 192 * 64 * 9 + 2 * 7 * 7 * 192 * 192 * 9
    expected += 7 * 7 * 320 * 192 * 9 + 2 * 3 * 3 * 320 * 320 * 9
    expected += 320 * 10
    assert multiply_accumulates(Network(folded=True)) == expected


def test_figures_are_rounded_at_any_depth() -> None:
    from model.card import rounded

    figures = {"a": 1 / 3, "b": {"c": [2 / 3, 1]}, "d": (0.5, "e"), "f": None}
    assert rounded(figures) == {"a": 0.333333, "b": {"c": [0.666667, 1]}, "d": [0.5, "e"], "f": None}


def test_rows_of_numbers_take_one_line_and_nothing_is_lost(tmp_path: Path) -> None:
    from model.card import write

    card = {"confusion": [[1, 2], [3, -4]], "row": [1e-9, 0.5, 2], "words": ["a [1, 2] b", "ü"], "none": []}
    write(card, tmp_path / "card.json")
    text = (tmp_path / "card.json").read_text()
    assert json.loads(text) == card
    assert "    [1, 2],\n    [3, -4]\n" in text
    assert '"row": [1e-09, 0.5, 2]' in text


def test_training_names_its_recipe_and_its_history() -> None:
    from model.card import training

    row = {"epoch": 1, "training_loss": 1.23456, "validation_accuracy": 0.98765}
    found = training({"history": [row], "recipe": {"epochs": 1}, "seconds": 12.6, "code": "abc"})
    assert (found["seconds"], found["epochs"], found["code_sha256"]) == (13, 1, "abc")
    assert found["history"] == [[1, 1.2346, 0.9877]]
    assert found["final_validation_accuracy"] == 0.9877


def test_the_provenance_is_the_code_the_versions_and_the_machine() -> None:
    assert re.fullmatch("[0-9a-f]{64}", code_sha256())
    assert {"train.py", "augment.py"} <= set(TRAINING_SOURCES)
    assert re.match(r"\d", versions()["numpy"])
    assert {"cpu", "architecture", "cores"} == set(machine())
