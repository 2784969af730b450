"""A bar for each series, in the colours of its values over time."""

from collections.abc import Iterator, Sequence

from tests.pictures import colors
from tests.pictures.axes import BELOW, Plot, width_of
from tests.pictures.legend import Item, of_items
from tests.pictures.mapped import Shown, shown
from tests.pictures.markup import Markup, element, joined, svg, text
from tests.pictures.panel import Field, Panel

MOST_NAMES = 0.45
"""Share of the width that the names of the bars may take."""


def drawn(panel: Panel) -> Markup:
    fields = panel.fields()
    if not fields:
        return element("div", panel.nothing, class_="nothing")
    seen = {shown(value, field.config): None for field in fields for value in field.series.values.values()}
    items = [Item(each.text, each.color) for each in seen]
    legend = of_items(items, panel.options["legend"], panel.width, panel.height)
    height = panel.height - legend.height
    fields = fields[: panel.options["perPage"]]
    left = min(width_of(field.name for field in fields) + 12, panel.width * MOST_NAMES)
    plot = Plot(left, panel.width - 10, 4, height - BELOW, panel.window)
    row = (plot.bottom - plot.top) / len(fields)
    parts = [plot.time_axis()]
    for number, field in enumerate(fields):
        y = plot.top + (number + 0.5) * row
        parts.append(text(cut(field.name, left - 12), left - 6, y, anchor="end", fill=colors.FAINT))
        for start, end, value in _merged(field, panel):
            x, width = plot.x(start), plot.x(end) - plot.x(start)
            thick = row * panel.options["rowHeight"]
            parts.append(element("rect", x=x, y=y - thick / 2, width=width, height=thick, fill=value.color))
            if width > width_of([value.text]) + 10 and thick > 12:
                parts.append(text(value.text, x + 5, y, fill=colors.readable_on(value.color)))
    return joined(svg(panel.width, height, *parts), legend.markup)


def cut(name: str, width: float, size: float = 11) -> str:
    """What there is room for."""
    if width_of([name], size) <= width:
        return name
    return name[: max(1, int(len(name) * width / width_of([name], size)) - 1)] + "…"


def _merged(field: Field, panel: Panel) -> Iterator[tuple[float, float, Shown]]:
    """From when to when it was shown alike; up to the next value, where there is one."""
    step = panel.window.step
    moments: Sequence[float] = sorted(field.series.values)
    start = moments[0]
    for number, moment in enumerate(moments):
        value = shown(field.series.values[moment], field.config)
        following = moments[number + 1] if number + 1 < len(moments) else None
        gap = following is None or following - moment > step * 1.5
        if gap or shown(field.series.values[following], field.config) != value:  # type: ignore[index]
            yield start, min(panel.window.end, moment + step), value
            start = following if following is not None else moment
