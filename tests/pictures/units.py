"""Numbers as Grafana writes them: three digits that count, and a unit that suits their size."""

import math
from collections.abc import Mapping, Sequence

Scale = Sequence[tuple[float, str]]
"""From which size on, which suffix, and its size."""

SCALES: Mapping[str, Scale] = {
    "none": [(1, "")],
    "short": [(1, ""), (1e3, " K"), (1e6, " Mil"), (1e9, " Bil")],
    "reqps": [(1, " req/s"), (1e3, "K req/s"), (1e6, "M req/s")],
    "s": [(1e-9, " ns"), (1e-6, " µs"), (1e-3, " ms"), (1, " s"), (60, " mins"), (3600, " hours"), (86400, " days")],
    "ms": [(1e-3, " µs"), (1, " ms"), (1e3, " s"), (6e4, " min")],
    "bytes": [(1, " B"), (2**10, " KiB"), (2**20, " MiB"), (2**30, " GiB"), (2**40, " TiB")],
    "Bps": [(1, " B/s"), (1e3, " kB/s"), (1e6, " MB/s"), (1e9, " GB/s")],
    "percentunit": [(0.01, "%")],
    "percent": [(1, "%")],
}


def written(value: float, unit: str = "none", decimals: int | None = None) -> str:
    """``written(0.0123, "s")`` is ``12.3 ms``. What is no known unit is written behind the number."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "∞" if value > 0 else "-∞"
    scale = SCALES.get(unit, [(1, f" {unit}")])
    size, suffix = _suited(abs(value), scale)
    return _digits(value / size, decimals) + suffix


def _suited(size: float, scale: Scale) -> tuple[float, str]:
    """A value of 0 has the plain unit, others the largest that is no larger than they are."""
    if size == 0:
        return next((each for each in scale if each[0] == 1), scale[0])
    return next((each for each in reversed(scale) if size >= each[0] * (1 - 1e-9)), scale[0])


def _digits(number: float, decimals: int | None) -> str:
    if decimals is None:
        rounded = float(f"{number:.12g}")
        whole = rounded == int(rounded)
        decimals = 0 if whole else max(0, 2 - math.floor(math.log10(abs(rounded))))
        return f"{rounded:.{decimals}f}" if whole else _without_zeros(f"{rounded:.{min(decimals, 9)}f}")
    return f"{number:.{decimals}f}"


def _without_zeros(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
