"""The golden-image self-test of an engine, which readiness and the choice of precision depend on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from model.artifact import Artifact, Golden
from model.engines import AUTO, Engine

E = TypeVar("E", bound=Engine)


@dataclass(frozen=True)
class GoldenResult:
    """``right`` of ``total`` images got their class; ``worst`` is the largest logit difference (inf for NaN)."""

    passed: bool
    right: int
    total: int
    worst: float
    detail: str


def check(engine: Engine, golden: Golden, tolerance: float) -> GoldenResult:
    """Classify the golden images in one batch; each class must match and each logit be within ``tolerance``."""
    logits = engine.predict(golden.images)
    right = int((logits.argmax(axis=1) == golden.labels).sum())
    difference = float(np.abs(logits.astype(np.float64) - golden.logits).max(initial=0.0))
    worst = difference if np.isfinite(difference) else float("inf")
    total = len(golden)
    passed = total > 0 and right == total and worst <= tolerance
    detail = f"{right} of {total} golden images right, logits within {worst:.2g} (allowed {tolerance:.2g})"
    return GoldenResult(passed, right, total, worst, detail)


def choose_precision(build: Callable[[str], E], artifact: Artifact, precision: str, *, fast: str, supported: bool) -> E:
    """The engine that ``build`` returns for a precision.

    ``auto`` selects ``fast`` if the CPU supports it and the engine passes the self-test, else float32.
    """
    if precision != AUTO:
        return build(precision)
    if supported:
        engine = build(fast)
        if check(engine, artifact.golden(), artifact.card.tolerances[fast]).passed:
            return engine
    return build("float32")
