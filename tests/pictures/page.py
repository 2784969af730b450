"""A dashboard as one HTML page that needs nothing else: panels where Grafana's grid has them, drawn here."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tests.pictures.asked import Source
from tests.pictures.kinds import barchart, bargauge, heatmap, stat, table, timeline, timeseries
from tests.pictures.markup import Markup, element
from tests.pictures.panel import Mark, Panel
from tests.pictures.style import CSS

COLUMNS, WIDTH, MARGIN = 24, 1400, 12
CELL, GAP = 30, 8
"""Height of a cell of Grafana's grid, and what is between two cells."""
TITLE, PADDING, HEAD, FOOT = 30, 8, 64, 44

KINDS: Mapping[str, Callable[[Panel], Markup]] = {
    "stat": stat.drawn,
    "timeseries": timeseries.drawn,
    "heatmap": heatmap.drawn,
    "state-timeline": timeline.drawn,
    "barchart": barchart.drawn,
    "bargauge": bargauge.drawn,
    "table": table.drawn,
}


class Page(NamedTuple):
    """Its text, and its size in pixels."""

    html: str
    width: int
    height: int


def page(dashboard: Mapping[str, Any], source: Source, caption: str) -> Page:
    """``caption`` says what made the answers. A kind of panel that is not known is an error."""
    marks = _marks(dashboard, source)
    placed = [_panel(panel, source, marks) for panel in dashboard["panels"]]
    last = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in dashboard["panels"])
    height = HEAD + last * (CELL + GAP) + FOOT
    body = element("body", _head(dashboard, source), *placed, _foot(caption, height), style=f"height:{height}px")
    about = [element("meta", charset="utf-8"), element("title", dashboard["title"]), element("style", CSS)]
    return Page("<!DOCTYPE html>" + element("html", element("head", *about), body, lang="en"), WIDTH, height)


def _marks(dashboard: Mapping[str, Any], source: Source) -> list[Mark]:
    found = []
    for mark in dashboard["annotations"]["list"]:
        for series in source.answer(mark):
            moments = [moment for moment, value in sorted(series.values.items()) if value > 0]
            found.append(Mark(mark["iconColor"], moments))
    return found


def _panel(panel: Mapping[str, Any], source: Source, marks: list[Mark]) -> Markup:
    place = panel["gridPos"]
    cell = (WIDTH - 2 * MARGIN + GAP) / COLUMNS
    left, top = MARGIN + place["x"] * cell, HEAD + place["y"] * (CELL + GAP)
    width, height = place["w"] * cell - GAP, place["h"] * (CELL + GAP) - GAP
    style = f"left:{left:.1f}px;top:{top}px;width:{width:.1f}px;height:{height}px"
    if panel["type"] == "row":
        return element("h2", f"⌄ {panel['title']}", style=style)
    if panel["type"] not in KINDS:
        raise ValueError(f"unknown kind of panel: {panel['type']}, {panel['title']}")
    answers = [source.answer(target) for target in panel["targets"]]
    padding = 0 if panel["type"] == "stat" else PADDING
    points = [point for target in panel["targets"] for point in source.exemplars(target)]
    room = (math.floor(width) - 2 - 2 * padding, height - 2 - TITLE - padding)
    inside = Panel(panel, answers, source.window, marks, points, *room)
    drawn = element("div", KINDS[panel["type"]](inside), class_="inside", style=f"margin:0 {padding}px")
    return element("section", element("h3", _title(panel, source)), drawn, style=style, id=f"panel-{panel['id']}")


def _head(dashboard: Mapping[str, Any], source: Source) -> Markup:
    start, end, _ = source.window
    times = [datetime.fromtimestamp(each, UTC).strftime("%Y-%m-%d %H:%M:%S") for each in (start, end)]
    chosen = [
        element("span", element("small", each["label"]), _choice(each, source), class_="choice")
        for each in dashboard["templating"]["list"]
        if each["type"] == "query"
    ]
    when = element("span", f"{times[0]} to {times[1]} UTC", class_="when")
    return element("header", element("h1", dashboard["title"]), *chosen, when)


def _title(panel: Mapping[str, Any], source: Source) -> str:
    return re.sub(r"\$(\w+)", lambda found: source.variables[found[1]], panel["title"])


def _choice(variable: Mapping[str, Any], source: Source) -> str:
    value = source.variables[variable["name"]]
    return "All" if value == variable.get("allValue") else value


def _foot(caption: str, height: int) -> Markup:
    return element("footer", caption, style=f"top:{height - FOOT}px")
