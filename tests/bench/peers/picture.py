"""A run as a drawing: bars of requests a second, and lines of latency over the rate of an open loop."""

import math
import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.pictures.markup import Markup, element, text

WIDTH, NAMES, ROW, PLOT = 960, 240, 18, 260
INK, FAINT, LINE = "#24292f", "#6e7781", "#d0d7de"
OURS = ("#0550ae", "#218bff", "#80ccff")
OTHERS = ("#57606a", "#bc4c00", "#8250df", "#bf8700")

CAPTION = "99th percentile of answers' latency, ms, over requests due a second, up to twice what each can do"


def picture(run: Mapping[str, Any]) -> str:
    """SVG that stands alone."""
    bars = sorted({row["clients"] for row in run["closed"] if row["payload"] == "png"})
    top = 44 + ROW * len(run["contestants"]) + 40
    height = top + PLOT + 44
    colors = painted(run["contestants"])
    parts = [
        element("rect", width=WIDTH, height=height, fill="#ffffff"),
        text("Requests a second, each client sending when it has been answered", 12, 16, size=13, fill=INK),
        *_bars(run, bars, colors),
        text(CAPTION, 12, top - 14, size=13, fill=INK),
        *_lines(run, colors, top),
    ]  # fmt: skip
    return (
        element(
            "svg", *parts, xmlns="http://www.w3.org/2000/svg", width=WIDTH, height=height,
            viewBox=f"0 0 {WIDTH} {height}", font_family="sans-serif",
        )
        + "\n"
    )  # fmt: skip


def painted(contestants: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """A colour for each; blue for ours."""
    ours, others = iter(OURS), iter(OTHERS)
    return {each["key"]: next(ours if each["ours"] else others) for each in contestants}


def _bars(run: Mapping[str, Any], columns: Sequence[int], colors: Mapping[str, str]) -> Iterator[Markup]:
    rates = {
        (row["contestant"], row["clients"]): statistics.median(each["rate"] for each in row["rounds"])
        for row in run["closed"]
        if row["payload"] == "png"
    }
    most = max(rates.values())
    width = (WIDTH - NAMES - 12) / len(columns)
    for place, clients in enumerate(columns):
        label = f"{clients} {'client' if clients == 1 else 'clients'}"
        yield text(label, NAMES + place * width, 36, size=11, fill=FAINT)
    for number, each in enumerate(run["contestants"]):
        y = 48 + number * ROW
        yield text(each["name"], NAMES - 8, y + ROW / 2 - 2, anchor="end", fill=INK)
        for place, clients in enumerate(columns):
            rate, x = rates[each["key"], clients], NAMES + place * width
            length = rate / most * (width - 44)
            yield element("rect", x=x, y=y, width=length, height=ROW - 5, fill=colors[each["key"]])
            yield text(f"{rate:.0f}", x + length + 4, y + ROW / 2 - 2, size=10, fill=FAINT)


def _lines(run: Mapping[str, Any], colors: Mapping[str, str], top: float) -> Iterator[Markup]:
    rows = [row for row in run["open"] if row["p99"]]
    if not rows:
        return
    xs = Scale.around([row["rate"] for row in rows], NAMES, WIDTH - 20)
    ys = Scale.around([row["p99"] for row in rows], top + PLOT, top)
    for mark in xs.marks():
        yield element("line", x1=xs.at(mark), x2=xs.at(mark), y1=top, y2=top + PLOT, stroke=LINE)
        yield text(f"{mark:g}", xs.at(mark), top + PLOT + 12, anchor="middle", size=10, fill=FAINT)
    for mark in ys.marks():
        yield element("line", x1=NAMES, x2=WIDTH - 20, y1=ys.at(mark), y2=ys.at(mark), stroke=LINE)
        yield text(f"{mark:g}", NAMES - 6, ys.at(mark), anchor="end", size=10, fill=FAINT)
    for number, each in enumerate(run["contestants"]):
        color, y = colors[each["key"]], top + 8 + number * ROW
        points = sorted((row["rate"], row["p99"]) for row in rows if row["contestant"] == each["key"])
        path = "L".join(f"{xs.at(rate):.1f} {ys.at(p99):.1f}" for rate, p99 in points)
        yield element("path", d=f"M{path}", fill="none", stroke=color, stroke_width=2)
        for rate, p99 in points:
            yield element("circle", cx=xs.at(rate), cy=ys.at(p99), r=3, fill=color)
        yield element("rect", x=12, y=y - 4, width=14, height=4, fill=color)
        yield text(each["name"], 32, y - 2, size=10, fill=INK)


class Scale:
    """A logarithmic axis between two places of the drawing."""

    def __init__(self, least: float, most: float, start: float, end: float) -> None:
        self._least, self._most = least, most
        self._start, self._end = start, end

    @classmethod
    def around(cls, values: Sequence[float], start: float, end: float) -> "Scale":
        """Wide enough for all values, which are above 0."""
        return cls(min(values) / 1.2, max(values) * 1.2, start, end)

    def at(self, value: float) -> float:
        share = math.log(value / self._least) / math.log(self._most / self._least)
        return self._start + share * (self._end - self._start)

    def marks(self) -> Iterator[float]:
        """1, 2 and 5 with zeros."""
        for power in range(math.floor(math.log10(self._least)), math.ceil(math.log10(self._most)) + 1):
            for factor in (1, 2, 5):
                if self._least <= factor * 10.0**power <= self._most:
                    yield factor * 10.0**power
