"""A group of bars for each row of a table, a bar for each of its columns of numbers."""

import math
from collections.abc import Mapping, Sequence

from tests.pictures import colors
from tests.pictures.axes import Plot, Values, width_of
from tests.pictures.legend import Item, of_items
from tests.pictures.markup import Markup, element, joined, svg, text
from tests.pictures.panel import Panel
from tests.pictures.transformations import Cell, transformed
from tests.pictures.units import written

BELOW = 22


def drawn(panel: Panel) -> Markup:
    table = transformed(panel)
    by = panel.options["xField"]
    columns = [name for name in table.columns if name != by]
    if not table.rows:
        return element("div", panel.nothing, class_="nothing")
    items = [Item(name, colors.of_place(place)) for place, name in enumerate(columns)]
    legend = of_items(items, panel.options["legend"], panel.width, panel.height)
    height = panel.height - legend.height
    most = max((value for row in table.rows for name in columns for value in _number(row, name)), default=1)
    values = Values.of(panel.defaults.get("min", 0), most, height)
    unit = panel.defaults.get("unit", "none")
    left = width_of([written(mark, unit) for mark in values.marks()], 10) + 12
    plot = Plot(left, panel.width - 10, 8, height - BELOW, panel.window)
    parts = [plot.value_axis(values, unit)]
    group = (plot.right - plot.left) / len(table.rows)
    bar = group * panel.options["groupWidth"] / len(columns)
    every = math.ceil((width_of([str(row[by]) for row in table.rows], 10) + 4) / group)
    for number, row in enumerate(table.rows):
        middle = plot.left + (number + 0.5) * group
        if number % every == 0:
            parts.append(text(str(row[by]), middle, plot.bottom + 12, anchor="middle", size=10, fill=colors.FAINT))
        for place, name in enumerate(columns):
            for value in _number(row, name):
                x, y = middle + (place - len(columns) / 2) * bar, plot.y(values.share(value))
                size = {"width": bar * panel.options["barWidth"], "height": plot.bottom - y}
                parts.append(element("rect", x=x, y=y, **size, fill=colors.of_place(place), fill_opacity=0.8))
    return joined(svg(panel.width, height, *parts), legend.markup)


def _number(row: Mapping[str, Cell], name: str) -> Sequence[float]:
    value = row.get(name)
    return [value] if isinstance(value, float) and math.isfinite(value) else []
