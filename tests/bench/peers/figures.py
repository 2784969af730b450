"""Figures of a measurement."""

import math
import statistics
from collections.abc import Sequence

QUANTILES = {"p50": 0.5, "p99": 0.99, "p999": 0.999}


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The least value that so large a share is not above; ``None`` where there are too few to tell."""
    if not ordered or len(ordered) * min(share, 1 - share) < 1:
        return ordered[0] if len(ordered) == 1 and share == 0.5 else None
    return ordered[math.ceil(share * len(ordered)) - 1]


def latencies(seconds: Sequence[float]) -> dict[str, float | None]:
    """Quantiles in milliseconds."""
    ordered = sorted(seconds)
    found = {name: quantile(ordered, share) for name, share in QUANTILES.items()}
    return {name: None if each is None else round(1000 * each, 3) for name, each in found.items()}


def ratio(ones: Sequence[float], others: Sequence[float]) -> float | None:
    """Median over the rounds of one by the other in the same round; ``None`` where the other had nothing."""
    found = [one / other for one, other in zip(ones, others, strict=True) if other]
    return statistics.median(found) if found else None
