"""Does an engine still give the recorded answers? Readiness depends on it."""

from dataclasses import dataclass

import numpy as np

from model.artifact import Golden
from model.engines import Engine


@dataclass(frozen=True)
class GoldenResult:
    """``right`` of ``total`` images got their class; ``worst`` is the largest logit difference (inf for NaN)."""

    passed: bool
    right: int
    total: int
    worst: float
    detail: str


def check(engine: Engine, golden: Golden, tolerance: float) -> GoldenResult:
    """Classify the golden images in one batch; every class must agree and every logit lie within ``tolerance``."""
    logits = engine.predict(golden.images)
    right = int((logits.argmax(axis=1) == golden.labels).sum())
    difference = float(np.abs(logits.astype(np.float64) - golden.logits).max(initial=0.0))
    worst = difference if np.isfinite(difference) else float("inf")
    total = len(golden)
    passed = total > 0 and right == total and worst <= tolerance
    detail = f"{right} of {total} golden images right, logits within {worst:.2g} (allowed {tolerance:.2g})"
    return GoldenResult(passed, right, total, worst, detail)
