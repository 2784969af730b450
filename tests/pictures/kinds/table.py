"""Rows and columns; what has no room is scrolled to."""

import math
from collections.abc import Mapping
from typing import Any

from tests.pictures import colors
from tests.pictures.mapped import shown
from tests.pictures.markup import Markup, element
from tests.pictures.panel import Panel
from tests.pictures.transformations import Cell, Table, transformed

ROW = 30
LEAST_WIDTH = 150
"""Of a column, unless the panel says otherwise: Grafana's."""


def drawn(panel: Panel) -> Markup:
    table = transformed(panel)
    if not table.rows:
        return element("div", panel.nothing, class_="nothing")
    rows = _sorted(table, panel)
    room = math.floor((panel.height - ROW) / ROW)
    left_out = len(rows) - room
    if left_out > 0:
        room = math.floor((panel.height - ROW - 16) / ROW)
        left_out = len(rows) - room
    configs = {name: panel.config(name) for name in table.columns}
    widths = _widths(configs, panel.width)
    columns = [element("col", style=f"width:{widths[name]:.0f}px") for name in table.columns]
    head = element("tr", *(element("th", name) for name in table.columns))
    body = [element("tr", *(_cell(row.get(name), configs[name]) for name in table.columns)) for row in rows[:room]]
    more = [element("div", f"{left_out} more rows to scroll to", class_="more")] if left_out > 0 else []
    style = f"width:{sum(widths.values()):.0f}px"
    return element("div", element("table", *columns, head, *body, style=style), *more, class_="table")


def _sorted(table: Table, panel: Panel) -> list[Mapping[str, Cell]]:
    rows = list(table.rows)
    for by in reversed(panel.options.get("sortBy", [])):
        name = by["displayName"]
        rows.sort(key=lambda row: str(row.get(name, "")), reverse=by.get("desc", False))
    return rows


def _widths(configs: Mapping[str, Mapping[str, Any]], width: float) -> dict[str, float]:
    """Those that the panel sets; the others share the rest, but none is narrower than its least width."""
    custom = {name: config.get("custom", {}) for name, config in configs.items()}
    found = {name: float(each["width"]) for name, each in custom.items() if "width" in each}
    least = {name: float(each.get("minWidth", LEAST_WIDTH)) for name, each in custom.items()}
    open_, too_narrow = [*custom], [*found]
    while True:
        open_ = [name for name in open_ if name not in too_narrow]
        share = (width - sum(found.values())) / max(1, len(open_))
        too_narrow = [name for name in open_ if least[name] > share]
        if not too_narrow:
            return {name: found.get(name, share) for name in custom}
        found |= {name: least[name] for name in too_narrow}


def _cell(value: Cell | None, config: Mapping[str, Any]) -> Markup:
    if value is None:
        return element("td")
    found = shown(value, config)
    style: str | None
    match config.get("custom", {}).get("cellOptions", {}).get("type", "auto"):
        case "color-background" if isinstance(value, str) and not found.mapped:
            style = None
        case "color-background":
            style = f"background:{found.color};color:{colors.readable_on(found.color)}"
        case "color-text":
            style = f"color:{found.color}"
        case "auto":
            style = None
        case other:
            raise ValueError(f"unknown kind of cell: {other}")
    kind = "link" if config.get("links") else "number" if isinstance(value, float) and not found.mapped else None
    return element("td", found.text, class_=kind, style=style)
