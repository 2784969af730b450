"""Legends: which colour is which series, as a line below a graph or as a table beside it."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tests.e2e.prometheus import Series
from tests.pictures.axes import width_of
from tests.pictures.markup import Markup, element
from tests.pictures.panel import Field
from tests.pictures.units import written

ROW = 20
MOST_BELOW, MOST_BESIDE = 0.35, 0.4
"""The share of a panel that a legend may take; the rest of it is scrolled to."""


class Item(NamedTuple):
    name: str
    color: str
    numbers: tuple[str, ...] = ()


class Legend(NamedTuple):
    """Its markup, and what it takes of the panel."""

    markup: Markup
    width: float = 0
    height: float = 0


CALCULATIONS: Mapping[str, tuple[str, Callable[[Series], float]]] = {
    "lastNotNull": ("Last *", lambda series: series.last),
    "max": ("Max", lambda series: max(series.values.values())),
    "mean": ("Mean", lambda series: math.fsum(series.values.values()) / len(series.values)),
}


def of_fields(fields: Sequence[Field], options: Mapping[str, Any], width: float, height: float) -> Legend:
    """For series; nothing where the panel hides its legend."""
    wanted = options.get("legend", {})
    calculations = [CALCULATIONS[name] for name in wanted.get("calcs", [])]
    rows = []
    for field in fields:
        numbers = [calculate(field.series) for _, calculate in calculations]
        shown = tuple(written(number, field.unit, field.config.get("decimals")) for number in numbers)
        rows.append((numbers, Item(field.name, field.color, shown)))
    if wanted.get("sortBy"):
        column = [name for name, _ in calculations].index(wanted["sortBy"])
        rows.sort(key=lambda row: row[0][column], reverse=wanted.get("sortDesc", False))
    items = [item for _, item in rows]
    return of_items(items, wanted, width, height, [name for name, _ in calculations])


def of_items(
    items: Sequence[Item], wanted: Mapping[str, Any], width: float, height: float, columns: Sequence[str] = ()
) -> Legend:
    if not wanted.get("showLegend") or not items:
        return Legend(Markup(""))
    if wanted["placement"] == "right":
        return _beside(items, columns, width, height)
    return _below(items, width, height)


def _below(items: Sequence[Item], width: float, height: float) -> Legend:
    lines, left = 1, width
    for item in items:
        needed = width_of([item.name]) + 34
        if needed > left and left < width:
            lines, left = lines + 1, width
        left -= needed
    taken = min(lines * ROW, math.floor(height * MOST_BELOW / ROW) * ROW or ROW)
    return Legend(element("div", *map(_item, items), class_="legend", style=f"height:{taken}px"), height=taken)


def _beside(items: Sequence[Item], columns: Sequence[str], width: float, height: float) -> Legend:
    head = element("tr", element("th"), *(element("th", name) for name in columns))
    rows = [
        element("tr", element("td", _item(item), class_="name"), *(element("td", number) for number in item.numbers))
        for item in items
    ]
    needed = width_of([item.name for item in items]) + 60 * len(columns) + 34
    taken = math.floor(min(needed, width * MOST_BESIDE))
    style = f"width:{taken:.0f}px;height:{height:.0f}px"
    return Legend(element("div", element("table", head, *rows), class_="legend beside", style=style), width=taken)


def _item(item: Item) -> Markup:
    swatch = element("i", style=f"background:{item.color}")
    return element("span", swatch, element("b", item.name), class_="item")
