"""The artifact in this repository: its size, consistency and minimum accuracy."""

import re
from typing import Any

import numpy as np
import pytest

from model.artifact import DEFAULT_DIRECTORY, Artifact
from model.engines import ENGINES
from model.labels import CLASSES


@pytest.fixture
def evaluation(shipped: Artifact) -> dict[str, Any]:
    found: dict[str, Any] = shipped.card.raw["evaluation"]
    return found


def cell(evaluation: dict[str, Any], kind: str, strength: float) -> dict[str, Any]:
    [found] = [c for c in evaluation["corruptions"] if (c["kind"], c["strength"]) == (kind, strength)]
    return dict(found)


def test_it_has_at_most_ten_megabytes_and_no_other_files(shipped: Artifact) -> None:
    files = {path.name: path.stat().st_size for path in DEFAULT_DIRECTORY.iterdir()}
    assert sum(files.values()) <= 10_000_000
    assert set(files) == {"card.json", *shipped.card.files}
    assert {name: entry["bytes"] for name, entry in shipped.card.raw["files"].items()}.items() <= files.items()


def test_its_classes_are_those_of_cifar10(shipped: Artifact) -> None:
    assert shipped.card.classes == CLASSES


def test_it_has_a_released_version(shipped: Artifact) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", shipped.card.version)


def test_its_number_of_parameters_is_correct(shipped: Artifact) -> None:
    assert shipped.card.parameters == sum(tensor.size for tensor in shipped.weights().values())


def test_its_accuracy_follows_from_its_confusion_matrix(evaluation: dict[str, Any]) -> None:
    confusion = np.array(evaluation["confusion"])
    assert confusion.sum() == evaluation["images"] == 10_000
    assert (confusion.sum(axis=1) == 1_000).all()
    assert evaluation["accuracy"] == pytest.approx(confusion.trace() / 10_000)
    assert list(evaluation["per_class"].values()) == pytest.approx(confusion.diagonal() / 1_000)
    low, high = evaluation["interval95"]
    assert low < evaluation["accuracy"] < high
    assert high - low < 0.02


def test_the_card_contains_the_provenance_of_its_figures(shipped: Artifact, evaluation: dict[str, Any]) -> None:
    assert evaluation["command"].startswith("python -m model.evaluate")
    assert {"python", "torch", "numpy", "pillow"} <= set(evaluation["versions"])
    assert {"cpu", "cores"} <= set(evaluation["machine"])
    training = shipped.card.raw["training"]
    recipe = training["recipe"]
    averaged = recipe.get("averaging_rounds", 0) * recipe.get("averaged_epochs", 0)
    taught = recipe.get("distillation", {}).get("epochs", 0)
    assert training["epochs"] == recipe["epochs"] + averaged + taught == len(training["history"])
    assert training["final_validation_accuracy"] == training["history"][-1][-1]
    hashes = [shipped.card.raw["data"][name]["sha256"] for name in ("training", "validation", "test")]
    assert len({*hashes, training["code_sha256"]}) == 4


def test_calibration_improved_it_on_validation_images(shipped: Artifact) -> None:
    calibration = shipped.card.raw["calibration"]
    assert calibration["after"]["negative_log_likelihood"] < calibration["before"]["negative_log_likelihood"]
    assert calibration["after"]["calibration_error"] < calibration["before"]["calibration_error"]


def test_its_accuracy_is_at_least_92_percent(evaluation: dict[str, Any]) -> None:
    assert evaluation["accuracy"] >= 0.92
    assert evaluation["other_precisions"]["bfloat16"]["accuracy"] >= 0.92


def test_no_engine_loses_more_than_half_a_percentage_point(evaluation: dict[str, Any]) -> None:
    figures = evaluation["other_engines"]
    assert set(figures) == {f"onnxruntime {precision}" for precision in ENGINES["onnxruntime"]}
    assert min(figure["accuracy"] for figure in figures.values()) >= evaluation["accuracy"] - 0.005
    assert max(figure["calibration_error"] for figure in figures.values()) <= 0.015


def test_its_calibration_error_is_at_most_one_and_a_half_percent(evaluation: dict[str, Any]) -> None:
    assert evaluation["calibration_error"] <= 0.015


def test_its_accuracy_with_barely_visible_noise_is_at_least_80_percent(evaluation: dict[str, Any]) -> None:
    assert cell(evaluation, "gaussian noise", 8)["accuracy"] >= 0.80


def test_it_costs_at_most_130_million_multiply_accumulates(shipped: Artifact) -> None:
    assert shipped.card.raw["multiply_accumulates"] <= 130e6


def test_float16_storage_hardly_changes_the_logits(shipped: Artifact) -> None:
    storage = shipped.card.raw["storage"]
    assert storage["largest_logit_change"] < 0.05
    assert storage["changed_answers"] <= 0.001 * storage["validation_images"]


def test_two_golden_images_of_each_class_lead_by_more_than_twice_the_tolerance(shipped: Artifact) -> None:
    golden = shipped.golden()
    assert (np.bincount(golden.labels, minlength=10) == 2).all()
    assert (golden.logits.argmax(axis=1) == golden.labels).all()
    ranked = np.sort(golden.logits, axis=1)
    assert (ranked[:, -1] - ranked[:, -2]).min() > 2 * max(shipped.card.tolerances.values())
