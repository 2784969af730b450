"""Logits to the answer's fields; pure."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Prediction:
    """The most probable class and all ten probabilities, which sum to 1 up to rounding."""

    label: str
    confidence: float
    probabilities: dict[str, float]

    def fields(self) -> dict[str, object]:
        return {"predict": self.label, "confidence": self.confidence, "probabilities": self.probabilities}


def from_logits(logits: NDArray[np.float32], classes: tuple[str, ...]) -> list[Prediction]:
    """Predictions of a batch of logits ``[N, 10]``.

    Raises ``ValueError`` when a logit is not finite: no answer is better than a made-up one.
    """
    if not np.isfinite(logits).all():
        raise ValueError("the network produced a value that is not finite")
    largest = logits.max(axis=1, keepdims=True).astype(np.float64)
    powers = np.exp(logits - largest)
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    return [_one(row, classes) for row in probabilities.tolist()]


def _one(probabilities: list[float], classes: tuple[str, ...]) -> Prediction:
    rounded = [round(p, 6) for p in probabilities]
    best = probabilities.index(max(probabilities))
    return Prediction(classes[best], rounded[best], dict(zip(classes, rounded, strict=True)))
