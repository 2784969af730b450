"""Logits to predictions; pure functions."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Prediction:
    """The most probable class, and the probability of every class, rounded to six digits."""

    label: str
    confidence: float
    probabilities: dict[str, float]

    def fields(self) -> dict[str, object]:
        return {"predict": self.label, "confidence": self.confidence, "probabilities": self.probabilities}


def from_logits(logits: NDArray[np.float32], classes: tuple[str, ...]) -> list[Prediction]:
    """Predictions of a batch of logits ``[N, 10]``.

    The softmax of the logits. Raises ``ValueError`` when a logit is not finite.
    """
    return [_one(row, classes) for row in logits.tolist()]


def _one(logits: list[float], classes: tuple[str, ...]) -> Prediction:
    # For ten numbers, plain Python is faster than NumPy.
    if not all(map(math.isfinite, logits)):
        raise ValueError("the network produced a value that is not finite")
    largest = max(logits)
    powers = [math.exp(logit - largest) for logit in logits]
    total = sum(powers)
    rounded = [round(power / total, 6) for power in powers]
    best = logits.index(largest)
    return Prediction(classes[best], rounded[best], dict(zip(classes, rounded, strict=True)))
