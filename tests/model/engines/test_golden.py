"""The self-test: an engine passes only with every class right and every logit close."""

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifact import Golden
from model.engines import Engine
from model.engines.golden import check


@dataclass
class Parrot:
    """Answers with given logits."""

    logits: NDArray[np.float32]
    name: str = "parrot"
    precision: str = "float32"
    threads: int = 1

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return self.logits[: len(images)]


@pytest.fixture
def golden() -> Golden:
    logits = 5 * np.eye(10, dtype=np.float32)
    return Golden(np.zeros((10, 32, 32, 3), np.uint8), np.arange(10), logits)


def parrot(golden: Golden, *, shift: float = 0.0) -> Parrot:
    return Parrot(golden.logits + np.float32(shift))


def test_the_recorded_answers_pass(golden: Golden) -> None:
    engine: Engine = parrot(golden)
    result = check(engine, golden, 0.001)
    assert result.passed
    assert (result.right, result.total, result.worst) == (10, 10, 0.0)


def test_a_difference_within_the_tolerance_passes(golden: Golden) -> None:
    assert check(parrot(golden, shift=0.01), golden, 0.02).passed


def test_right_classes_with_other_logits_fail(golden: Golden) -> None:
    result = check(parrot(golden, shift=0.1), golden, 0.02)
    assert not result.passed
    assert result.right == 10
    assert result.detail == "10 of 10 golden images right, logits within 0.1 (allowed 0.02)"


def test_one_wrong_class_fails_even_within_the_tolerance(golden: Golden) -> None:
    engine = parrot(golden)
    engine.logits[3] = 0
    result = check(engine, golden, 100)
    assert (result.passed, result.right) == (False, 9)


def test_not_a_number_fails(golden: Golden) -> None:
    engine = parrot(golden)
    engine.logits[3, 5] = np.nan
    result = check(engine, golden, 100)
    assert (result.passed, result.worst) == (False, float("inf"))


def test_no_images_prove_nothing() -> None:
    empty = Golden(np.zeros((0, 32, 32, 3), np.uint8), np.zeros(0, np.int64), np.zeros((0, 10), np.float32))
    assert not check(Parrot(empty.logits), empty, 1).passed
