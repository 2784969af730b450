"""Selecting an engine by name, and its golden-image self-test: each class correct, each logit within the tolerance."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifact import Artifact, Golden
from model.engines import Engine, installed, load
from model.engines.golden import check


def test_an_unknown_engine_is_refused_with_the_choices(shipped: Artifact) -> None:
    with pytest.raises(ValueError, match="unknown engine 'tpu': choose from torch, onnxruntime"):
        load("tpu", shipped)


@pytest.mark.parametrize(
    ("engine", "precision", "choices"),
    [("torch", "int8", "auto, float32, bfloat16"), ("onnxruntime", "bfloat16", "auto, float32, int8")],
)
def test_a_precision_that_an_engine_does_not_support_is_refused_with_its_choices(
    shipped: Artifact, engine: str, precision: str, choices: str
) -> None:
    with pytest.raises(ValueError, match=f"{engine} does not compute in '{precision}': choose from {choices}"):
        load(engine, shipped, precision=precision)


def test_an_engine_is_installed_when_its_package_is() -> None:
    assert installed("numpy")
    assert not installed("tpu")


@dataclass
class Recorded:
    """An engine that returns given logits."""

    logits: NDArray[np.float32]
    name: str = "recorded"
    precision: str = "float32"
    threads: int = 1

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self.logits[: len(images)]


@pytest.fixture
def golden() -> Golden:
    logits = 5 * np.eye(10, dtype=np.float32)
    return Golden(np.zeros((10, 32, 32, 3), np.uint8), np.arange(10), logits)


def recorded(golden: Golden, *, shift: float = 0.0) -> Recorded:
    return Recorded(golden.logits + np.float32(shift))


def test_the_recorded_logits_pass(golden: Golden) -> None:
    engine: Engine = recorded(golden)
    result = check(engine, golden, 0.001)
    assert result.passed
    assert (result.right, result.total, result.worst) == (10, 10, 0.0)


def test_a_difference_within_the_tolerance_passes(golden: Golden) -> None:
    assert check(recorded(golden, shift=0.01), golden, 0.02).passed


def test_right_classes_with_other_logits_fail(golden: Golden) -> None:
    result = check(recorded(golden, shift=0.1), golden, 0.02)
    assert not result.passed
    assert result.right == 10
    assert result.detail == "10 of 10 golden images right, logits within 0.1 (allowed 0.02)"


def test_one_wrong_class_fails_even_within_the_tolerance(golden: Golden) -> None:
    engine = recorded(golden)
    engine.logits[3] = 0
    result = check(engine, golden, 100)
    assert (result.passed, result.right) == (False, 9)


def test_not_a_number_fails(golden: Golden) -> None:
    engine = recorded(golden)
    engine.logits[3, 5] = np.nan
    result = check(engine, golden, 100)
    assert (result.passed, result.worst) == (False, float("inf"))


def test_an_empty_set_of_golden_images_fails() -> None:
    empty = Golden(np.zeros((0, 32, 32, 3), np.uint8), np.zeros(0, np.int64), np.zeros((0, 10), np.float32))
    assert not check(Recorded(empty.logits), empty, 1).passed
