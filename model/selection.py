"""Chooses the golden images and the tolerance for their logits."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.artifact import Golden
from model.calibrate import softmax
from model.engines import ENGINES, cpu
from model.engines.torch import TorchEngine
from model.evaluate import predict
from model.labels import CLASSES
from model.storage import Weights

RANKS = (0.5, 0.95)
"""One ordinary and one easy image of each class: quantiles of the confidence among the suitable images."""

MARGINS = {"float32": 10.0, "bfloat16": 2.0, "int8": 2.0}
"""Tolerance divided by the largest measured difference; other CPUs sum in another order and differ more."""

LEAST_TOLERANCE = 1e-3


def measure_tolerances(weights: Weights, images: NDArray[np.uint8], reference: NDArray[np.float32]) -> dict[str, float]:
    """Tolerances by precision: the largest logit difference from ``reference`` over all ``images``, times a margin."""
    engines = [TorchEngine(weights, precision, cpu.default_threads()) for precision in ENGINES["torch"]]
    return {engine.precision: tolerance(engine.precision, predict(engine, images), reference) for engine in engines}


def tolerance(precision: str, logits: NDArray[np.float32], reference: NDArray[np.float32]) -> float:
    """The largest difference between logits ``[N, 10]`` and ``reference``, times the margin of the precision."""
    worst = float(np.abs(logits - reference).max())
    return _round_up(max(LEAST_TOLERANCE, MARGINS[precision] * worst))


def choose_golden(
    images: NDArray[np.uint8], labels: NDArray[np.int64], logits: NDArray[np.float32], margin: float
) -> Golden:
    """Choose ``len(RANKS)`` images of each class whose correct logit leads by more than ``margin``. Deterministic.

    With a margin of twice the tolerance, an engine within the tolerance predicts the correct class. Raises
    ``ValueError`` if a class has too few suitable images.
    """
    highest = np.sort(logits, axis=1)
    suitable = (logits.argmax(axis=1) == labels) & (highest[:, -1] - highest[:, -2] > margin)
    confidence = softmax(logits).max(axis=1)
    chosen: list[int] = []
    for label, name in enumerate(CLASSES):
        members = np.flatnonzero(suitable & (labels == label))
        if len(members) < len(RANKS):
            raise ValueError(f"only {len(members)} images of {name} are right by more than {margin:.2g}: train longer")
        ranked = members[np.argsort(confidence[members], kind="stable")]
        chosen.extend(int(ranked[int(rank * len(ranked))]) for rank in RANKS)
    return Golden(images[chosen], labels[chosen], logits[chosen])


def describe(golden: Golden, tolerances: dict[str, float], measured_on: int) -> dict[str, Any]:
    """The card's section about the golden images."""
    margins = ", ".join(f"{MARGINS[precision]:g} ({precision})" for precision in tolerances)
    return {
        "images": len(golden),
        "tolerance": tolerances,
        "tolerance_note": f"largest logit difference from the reference on {measured_on} validation images, times "
        f"{margins}, rounded up to one digit, at least {LEAST_TOLERANCE:g}",
    }


def _round_up(value: float) -> float:
    digits = -math.floor(math.log10(value))
    return float(round(math.ceil(value * 10**digits - 1e-9) / 10**digits, digits))
