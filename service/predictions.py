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
    entropy: float
    """Of the ten probabilities, in nats."""
    energy: float
    """Negative log-sum-exp of the logits (Liu et al. 2020, arXiv 2010.03759)."""

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
    sums = powers.sum(axis=1, keepdims=True)
    probabilities = powers / sums
    energies = -(largest + np.log(sums))[:, 0]
    entropies = -(probabilities * np.log(np.maximum(probabilities, 1e-30))).sum(axis=1)
    return [
        _one(row, classes, float(entropy), float(energy))
        for row, entropy, energy in zip(probabilities, entropies, energies, strict=True)
    ]


def _one(probabilities: NDArray[np.float64], classes: tuple[str, ...], entropy: float, energy: float) -> Prediction:
    rounded = [round(p, 6) for p in probabilities.tolist()]
    best = int(probabilities.argmax())
    return Prediction(classes[best], rounded[best], dict(zip(classes, rounded, strict=True)), entropy, energy)
