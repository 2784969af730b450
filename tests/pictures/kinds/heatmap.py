"""How a histogram's observations are spread over its buckets, over time."""

import math
from collections.abc import Iterator, Mapping, Sequence

from tests.e2e.prometheus import Series
from tests.pictures import colors
from tests.pictures.axes import BELOW, Plot, width_of
from tests.pictures.kinds.timeseries import pointed
from tests.pictures.markup import Markup, element, joined, svg, text
from tests.pictures.panel import Panel
from tests.pictures.units import written

SCALE = 26
"""Height of the legend: what the colours stand for."""


def drawn(panel: Panel) -> Markup:
    assert not panel.options["calculate"], "buckets come from Prometheus"
    buckets = per_bucket([series for answer in panel.answers for series in answer])
    most = max((value for values in buckets.values() for value in values.values()), default=0)
    if most <= panel.options["filterValues"]["le"]:
        return element("div", panel.nothing, class_="nothing")
    legend = SCALE if panel.options["legend"]["show"] else 0
    unit = panel.options["yAxis"]["unit"]
    names = [written(bound, unit) for bound in buckets]
    left = width_of(names, 10) + 12
    plot = Plot(left, panel.width - 10, 8, panel.height - BELOW - legend, panel.window)
    parts = [plot.time_axis(), *_names(plot, names), *_cells(plot, buckets, most, panel)]
    parts += [pointed(plot.x(at), plot.y(_place(value, [*buckets]))) for at, value in panel.exemplars]
    if legend:
        parts += _scale(plot, panel, most)
    return svg(panel.width, panel.height, *parts)


def per_bucket(series: Sequence[Series]) -> dict[float, dict[float, float]]:
    """By upper bound, what fell between it and the bound below: Prometheus counts all that is no larger."""
    cumulative = sorted((float(each.labels["le"]), each.values) for each in series)
    found: dict[float, dict[float, float]] = {}
    below: Mapping[float, float] = {}
    for bound, values in cumulative:
        found[bound] = {at: max(0.0, value - below.get(at, 0)) for at, value in values.items() if math.isfinite(value)}
        below = values
    return found


def _names(plot: Plot, names: Sequence[str]) -> Iterator[Markup]:
    """As many as have room."""
    height = (plot.bottom - plot.top) / len(names)
    every = math.ceil(14 / height)
    for number, name in enumerate(names):
        if number % every == 0:
            y = plot.bottom - (number + 0.5) * height
            yield text(name, plot.left - 6, y, anchor="end", size=10, fill=colors.FAINT)


def _cells(plot: Plot, buckets: Mapping[float, Mapping[float, float]], most: float, panel: Panel) -> Iterator[Markup]:
    height = (plot.bottom - plot.top) / len(buckets)
    width = plot.x(plot.window.start + plot.window.step) - plot.left
    gap = min(panel.options["cellGap"], width / 4)
    for number, values in enumerate(buckets.values()):
        y = plot.bottom - (number + 1) * height
        for moment, value in values.items():
            if value > panel.options["filterValues"]["le"] and moment > plot.window.start:
                color = colors.between(value / most, colors.ORANGES)
                size = {"width": width - gap, "height": height - gap}
                yield element("rect", x=plot.x(moment) - width, y=y, **size, fill=color)


def _place(value: float, bounds: Sequence[float]) -> float:
    """The middle of the bucket that it fell into, as a share of the height."""
    return (next(number for number, bound in enumerate(bounds) if value <= bound) + 0.5) / len(bounds)


def _scale(plot: Plot, panel: Panel, most: float) -> Iterator[Markup]:
    y, left, parts = panel.height - SCALE + 6, plot.left, 24
    width = 160 / parts
    for number in range(parts):
        color = colors.between(number / (parts - 1), colors.ORANGES)
        yield element("rect", x=left + number * width, y=y, width=width + 0.5, height=8, fill=color)
    unit = panel.defaults.get("unit", "short")
    yield text("0", left - 6, y + 4, anchor="end", size=10, fill=colors.FAINT)
    yield joined(text(written(most, unit), left + 168, y + 4, size=10, fill=colors.FAINT))
