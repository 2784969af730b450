"""Lines or stacked areas over time, with limits and marks."""

import math
from collections.abc import Iterator, Mapping, Sequence

from tests.pictures import colors
from tests.pictures.axes import BELOW, Plot, Values, width_of
from tests.pictures.legend import of_fields
from tests.pictures.markup import Markup, element, joined, svg
from tests.pictures.panel import Field, Mark, Panel
from tests.pictures.units import written

Points = Sequence[tuple[float, float]]


def drawn(panel: Panel) -> Markup:
    fields = [field for field in panel.fields() if any(map(math.isfinite, field.series.values.values()))]
    if not fields:
        return element("div", panel.nothing, class_="nothing")
    legend = of_fields(fields, panel.options, panel.width, panel.height)
    width, height = panel.width - legend.width, panel.height - legend.height
    custom = panel.defaults.get("custom", {})
    stacked = custom.get("stacking", {}).get("mode") == "normal"
    lines = _stacked(fields) if stacked else [(field, _finite(field.series.values), {}) for field in fields]
    values = _values(panel, [value for _, tops, _ in lines for value in tops.values()], height)
    unit = fields[0].unit
    left = width_of([written(float(f"{mark:.12g}"), unit) for mark in values.marks()], 10) + 12
    plot = Plot(left, width - 10, 8, height - BELOW, panel.window)
    parts = [plot.time_axis(), plot.value_axis(values, unit, panel.defaults.get("decimals"))]
    for field, tops, bottoms in reversed(lines) if stacked else lines:
        parts += _line(plot, values, field, tops, bottoms, stacked=stacked)
    parts += _limits(panel, plot, values)
    parts += [marked(plot, mark) for mark in panel.marks]
    parts += [
        pointed(plot.x(at), plot.y(values.share(value)))
        for at, value in panel.exemplars
        if values.least <= value <= values.most and at >= panel.window.start
    ]
    return joined(svg(width, height, *parts), legend.markup)


def marked(plot: Plot, mark: Mark) -> Markup:
    """A dashed line where it began, and a bar along the time axis for as long as it lasted."""
    color, parts = colors.named(mark.color), []
    step = plot.window.step * 1.5
    for stretch in stretches(mark.moments, step):
        x, end = plot.x(stretch[0]), plot.x(stretch[-1])
        parts.append(
            element(
                "line", x1=x, x2=x, y1=plot.top, y2=plot.bottom, stroke=color, stroke_dasharray="3 3",
                stroke_opacity=0.8,
            )
        )  # fmt: skip
        parts.append(
            element(
                "rect", x=x, y=plot.bottom, width=max(3.0, end - x), height=4, fill=color, fill_opacity=0.8
            )
        )  # fmt: skip
    return joined(*parts)


def pointed(x: float, y: float) -> Markup:
    """A single request: a small diamond."""
    return element("path", d=f"M{x:.1f} {y - 3:.1f}l3 3l-3 3l-3-3Z", fill=colors.named("blue"))


def stretches(moments: Sequence[float], longest: float) -> Iterator[Sequence[float]]:
    """Moments that follow each other without a gap."""
    start = 0
    for number in range(1, len(moments) + 1):
        if number == len(moments) or moments[number] - moments[number - 1] > longest:
            yield moments[start:number]
            start = number


def _finite(values: Mapping[float, float]) -> dict[float, float]:
    return {moment: value for moment, value in values.items() if math.isfinite(value)}


def _stacked(fields: Sequence[Field]) -> list[tuple[Field, dict[float, float], dict[float, float]]]:
    """Each upon those before it."""
    sums: dict[float, float] = {}
    found = []
    for field in fields:
        bottoms = dict(sums)
        for moment, value in _finite(field.series.values).items():
            sums[moment] = sums.get(moment, 0) + value
        moments = _finite(field.series.values)
        found.append((field, {at: sums[at] for at in moments}, {at: bottoms.get(at, 0.0) for at in moments}))
    return found


def _values(panel: Panel, shown: Sequence[float], height: float) -> Values:
    defaults, custom = panel.defaults, panel.defaults.get("custom", {})
    least, most = min(shown), max(shown)
    least = defaults.get("min", min(least, custom.get("axisSoftMin", least)))
    most = defaults.get("max", max(most, custom.get("axisSoftMax", most)))
    return Values.of(least, most, height, binary=defaults.get("unit") == "bytes")


def _line(
    plot: Plot, values: Values, field: Field, tops: Mapping[float, float], bottoms: Mapping[float, float], *,
    stacked: bool,
) -> Iterator[Markup]:  # fmt: skip
    custom = field.config.get("custom", {})
    for stretch in stretches(sorted(tops), plot.window.step * 1.5):
        upper = [(plot.x(at), plot.y(_within(values.share(tops[at])))) for at in stretch]
        lower = [(plot.x(at), plot.y(_within(values.share(bottoms.get(at, 0.0))))) for at in stretch]
        opacity = custom.get("fillOpacity", 0) / 100
        yield element(
            "path", d=_path([*upper, *reversed(lower)]) + "Z", fill=field.color, fill_opacity=opacity, stroke="none"
        )
        if len(upper) == 1:
            yield element("circle", cx=upper[0][0], cy=upper[0][1], r=1.5, fill=field.color)
        width = 1 if stacked else custom.get("lineWidth", 1) * 1.4
        yield element("path", d=_path(upper), fill="none", stroke=field.color, stroke_width=width)


def _within(share: float) -> float:
    """What is beyond the axis is cut off."""
    return min(1.02, max(-0.02, share))


def _path(points: Points) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)


def _limits(panel: Panel, plot: Plot, values: Values) -> Iterator[Markup]:
    if panel.defaults.get("custom", {}).get("thresholdsStyle", {}).get("mode", "off") == "off":
        return
    for step in panel.defaults["thresholds"]["steps"]:
        limit = step["value"]
        if limit is not None and values.least <= limit <= values.most:
            y = plot.y(values.share(limit))
            yield element(
                "line", x1=plot.left, x2=plot.right, y1=y, y2=y, stroke=colors.named(step["color"]),
                stroke_width=1.5, stroke_dasharray="10 8",
            )  # fmt: skip
