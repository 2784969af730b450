"""Axes of a graph: round numbers from bottom to top, and the time of day from left to right."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.pictures import colors
from tests.pictures.markup import Markup, element, joined, text
from tests.pictures.panel import Window
from tests.pictures.units import written

LETTER = 0.56
"""Mean width of a letter, of its size."""

STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000)
"""Seconds between two marks of a time axis."""

BELOW = 20
"""Height of the time axis."""


def width_of(texts: Iterable[str], size: float = 11) -> float:
    return max((len(each) for each in texts), default=0) * size * LETTER


@dataclass(frozen=True)
class Values:
    """A scale of values with its marks."""

    least: float
    most: float
    step: float

    @classmethod
    def of(cls, least: float, most: float, height: float, *, binary: bool = False) -> "Values":
        """Wide enough for both ends; about a mark for each 40 pixels."""
        if most <= least:
            most = least + (abs(least) or 1)
        step = _round((most - least) / max(2, height / 40), binary=binary)
        return cls(math.floor(least / step + 1e-9) * step, math.ceil(most / step - 1e-9) * step, step)

    def marks(self) -> Iterator[float]:
        for number in range(round((self.most - self.least) / self.step) + 1):
            yield self.least + number * self.step

    def share(self, value: float) -> float:
        return (value - self.least) / (self.most - self.least)


def _round(step: float, *, binary: bool) -> float:
    """1, 2 or 5 with zeros, or a power of two, no smaller than ``step``."""
    if binary:
        return 2.0 ** math.ceil(math.log2(step))
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= step * (1 - 1e-9))


@dataclass(frozen=True)
class Plot:
    """The rectangle of a drawing that shows values over time."""

    left: float
    right: float
    top: float
    bottom: float
    window: Window

    def x(self, moment: float) -> float:
        share = (moment - self.window.start) / (self.window.end - self.window.start)
        return self.left + share * (self.right - self.left)

    def y(self, share: float) -> float:
        return self.bottom - share * (self.bottom - self.top)

    def time_axis(self) -> Markup:
        """Vertical lines at round moments, in UTC."""
        seconds = self.window.end - self.window.start
        most = max(2, (self.right - self.left) / 75)
        step = next((each for each in STEPS if seconds / each <= most), STEPS[-1])
        form = "%H:%M:%S" if step < 60 else "%H:%M" if step < 86400 else "%m/%d"
        drawn = []
        moment = math.ceil(self.window.start / step) * step
        while moment <= self.window.end:
            x = self.x(moment)
            drawn.append(element("line", x1=x, x2=x, y1=self.top, y2=self.bottom, stroke=colors.LINE))
            label = datetime.fromtimestamp(moment, UTC).strftime(form)
            half = width_of([label], 10) / 2
            if self.left - half / 2 <= x and x + half <= self.right + 8:
                drawn.append(text(label, x, self.bottom + 11, anchor="middle", size=10, fill=colors.FAINT))
            moment += step
        return joined(*drawn)

    def value_axis(self, values: Values, unit: str, decimals: int | None = None) -> Markup:
        drawn = []
        for mark in values.marks():
            y = self.y(values.share(mark))
            label = written(float(f"{mark:.12g}"), unit, decimals)
            drawn.append(element("line", x1=self.left, x2=self.right, y1=y, y2=y, stroke=colors.LINE))
            drawn.append(text(label, self.left - 6, y, anchor="end", size=10, fill=colors.FAINT))
        return joined(*drawn)
