"""One value as a panel shows it: its words and its colour."""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from tests.pictures import colors
from tests.pictures.units import written


class Shown(NamedTuple):
    text: str
    color: str
    mapped: bool = False
    """Whether a value mapping says so."""


def shown(value: float | str, config: Mapping[str, Any]) -> Shown:
    """By the value mappings, else by unit and thresholds."""
    for mapping in config.get("mappings", []):
        result = _result(value, mapping)
        if result:
            return Shown(result["text"], colors.named(result["color"]), mapped=True)
    if isinstance(value, str):
        return Shown(value, colors.TEXT)
    return Shown(written(value, config.get("unit", "none"), config.get("decimals")), _by_value(value, config))


def _by_value(value: float, config: Mapping[str, Any]) -> str:
    mode = config.get("color", {}).get("mode", "thresholds")
    if mode == "continuous-blues":
        least, most = config["min"], config["max"]
        return colors.between((value - least) / (most - least), colors.BLUES)
    if mode != "thresholds":
        raise ValueError(f"unknown colours of values: {mode}")
    return colors.judged(value, config["thresholds"]) if "thresholds" in config else colors.TEXT


def _result(value: float | str, mapping: Mapping[str, Any]) -> Mapping[str, str] | None:
    match mapping["type"]:
        case "value":
            name = value if isinstance(value, str) else f"{value:g}"
            found: Mapping[str, str] | None = mapping["options"].get(name)
            return found
        case "special":
            assert mapping["options"]["match"] == "null+nan"
            result: Mapping[str, str] = mapping["options"]["result"]
            return result if isinstance(value, float) and math.isnan(value) else None
    raise ValueError(f"unknown value mapping: {mapping['type']}")
