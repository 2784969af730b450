"""Colours: Grafana's names for them, those that series get, and those of thresholds and scales."""

from collections.abc import Mapping, Sequence
from typing import Any

GROUND, PANEL, LINE, TEXT, FAINT = "#111217", "#181b1f", "#2c3235", "#ccccdc", "#9a9ca8"

NAMED: Mapping[str, str] = {
    "super-light-red": "#ffa6b0", "light-red": "#ff7383", "red": "#f2495c", "semi-dark-red": "#e02f44",
    "dark-red": "#c4162a", "super-light-orange": "#ffcb7d", "light-orange": "#ffb357", "orange": "#ff9830",
    "semi-dark-orange": "#ff780a", "dark-orange": "#fa6400", "super-light-yellow": "#fff899", "light-yellow": "#ffee52",
    "yellow": "#fade2a", "semi-dark-yellow": "#f2cc0c", "dark-yellow": "#e0b400", "super-light-green": "#c8f2c2",
    "light-green": "#96d98d", "green": "#73bf69", "semi-dark-green": "#56a64b", "dark-green": "#37872d",
    "super-light-blue": "#c0d8ff", "light-blue": "#8ab8ff", "blue": "#5794f2", "semi-dark-blue": "#3274d9",
    "dark-blue": "#1f60c4", "super-light-purple": "#deb6f2", "light-purple": "#ca95e5", "purple": "#b877d9",
    "semi-dark-purple": "#a352cc", "dark-purple": "#8f3bb8",
}  # fmt: skip
"""Those of Grafana's dark theme."""

CLASSIC = (
    "green", "yellow", "blue", "orange", "red", "purple", "dark-green", "dark-yellow", "dark-blue", "dark-orange",
    "dark-red", "dark-purple", "super-light-green", "super-light-yellow", "super-light-blue", "super-light-orange",
    "super-light-red", "super-light-purple", "#447ebc", "#c15c17", "#890f02", "#0a437c", "#6d1f62", "#584477",
    "#b7dbab", "#f4d598", "#70dbed", "#f9ba8f", "#f29191", "#82b5d8", "#e5a8e2", "#aea2e0", "#629e51", "#e5ac0e",
    "#64b0c8", "#e0752d", "#bf1b00", "#0a50a1", "#962d82", "#614d93", "#9ac48a", "#f2c96d", "#65c5db", "#f9934e",
    "#ea6460", "#5195ce", "#d683ce", "#806eb7", "#3f6833", "#967302", "#2f575e", "#99440a", "#58140c", "#052b51",
    "#511749", "#3f2b5b", "#e0f9d7", "#fceaca", "#cffaff", "#f9e2d2", "#fce2de", "#badff4", "#f9d9f9", "#dedaf7",
)  # fmt: skip
"""Grafana's palette for series."""

BLUES, ORANGES = (PANEL, NAMED["dark-blue"]), ("#7f2704", "#d94801", "#fd8d3c", "#fdd0a2", "#fff5eb")
"""Scales of values, the lowest first."""


def named(color: str) -> str:
    """The colour that a dashboard names, or the one that it writes."""
    if color.startswith(("#", "rgb")):
        return color
    return NAMED[color]


def of_place(place: int) -> str:
    """The first, the second … of a panel's series."""
    return named(CLASSIC[place % len(CLASSIC)])


def judged(value: float, thresholds: Mapping[str, Any]) -> str:
    """The colour of the last threshold that the value has reached."""
    reached = [step["color"] for step in thresholds["steps"] if step["value"] is None or value >= step["value"]]
    return named(reached[-1])


def between(share: float, stops: Sequence[str]) -> str:
    """A colour so far on the way from the first to the last."""
    way = min(1.0, max(0.0, share)) * (len(stops) - 1)
    number = min(int(way), len(stops) - 2)
    one, other, share = _channels(stops[number]), _channels(stops[number + 1]), way - number
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in zip(one, other, strict=True))


def readable_on(color: str) -> str:
    """Black or white, whichever can be read on it."""
    red, green, blue = _channels(color)
    return "#111217" if 0.299 * red + 0.587 * green + 0.114 * blue > 150 else "#ffffff"


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
