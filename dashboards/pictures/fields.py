"""How a panel's JSON says that a value is shown: its name, unit and colour."""

import re
from collections.abc import Mapping
from typing import Any

from matplotlib.ticker import EngFormatter

COLORS = {
    "green": "#73bf69", "orange": "#ff9830", "red": "#f2495c", "light-red": "#ff7383", "dark-red": "#c4162a",
    "blue": "#5794f2", "purple": "#b877d9", "yellow": "#fade2a",
}  # fmt: skip
PALETTE = (
    "#73bf69", "#fade2a", "#5794f2", "#ff9830", "#f2495c", "#b877d9", "#70dbed", "#c15c17", "#e5a8e2", "#9a9ca8",
)  # fmt: skip
"""For series without a colour of their own."""
UNITS = {"reqps": " req/s", "short": "", "none": "", "s": "s", "bytes": "B"}


def color(name: str) -> str:
    return name if name.startswith("#") else COLORS[name]


def text(value: float, unit: str) -> str:
    """Three significant digits and the unit: ``text(0.0123, "s")`` is ``12.3 ms``."""
    if unit == "percentunit":
        return f"{float(f'{100 * value:.3g}'):g}%"
    suffix = UNITS.get(unit, f" {unit}")
    if unit in ("s", "bytes") or abs(value) >= 1000:
        return EngFormatter(suffix.strip())(float(f"{value:.3g}"))
    return f"{value:.3g}{suffix}"


def shown(value: float, panel: Mapping[str, Any]) -> tuple[str, str]:
    """Text and colour of a value, by the panel's value mappings or else by its unit and thresholds."""
    config = panel["fieldConfig"]["defaults"]
    for mapping in config.get("mappings", []):
        if mapping["type"] == "value" and f"{value:g}" in mapping["options"]:
            result = mapping["options"][f"{value:g}"]
            return result["text"], color(result["color"])
    steps = config["thresholds"]["steps"]
    reached = [step["color"] for step in steps if step["value"] is None or value >= step["value"]]
    return text(value, config["unit"]), color(reached[-1])


def name(panel: Mapping[str, Any], legend: str, labels: Mapping[str, str]) -> str:
    """The name of a series, by the legend template such as ``{{pod}}`` and the panel's renaming."""
    found = re.sub(r"\{\{ ?(\w+) ?\}\}", lambda match: labels.get(match[1], ""), legend).strip()
    for step in panel.get("transformations") or []:
        if step["id"] == "renameByRegex":
            pattern, replacement = step["options"]["regex"].strip("/"), step["options"]["renamePattern"]
            found = re.sub(pattern, re.sub(r"\$(\d)", r"\\\1", replacement), found, count=1)
    return found


def series_color(panel: Mapping[str, Any], series: str, number: int) -> str:
    """By the last override of the panel that matches the name, or else by the place among its series."""
    found = PALETTE[number % len(PALETTE)]
    for override in panel["fieldConfig"].get("overrides", []):
        matcher = override["matcher"]
        exact = matcher["id"] == "byName"
        if matcher["options"] == series if exact else re.search(matcher["options"].strip("/"), series):
            colors = [each["value"]["fixedColor"] for each in override["properties"] if each["id"] == "color"]
            found = color(colors[-1]) if colors else found
    return found
