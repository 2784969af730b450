"""The rules that the dashboards are held to."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

RULES = Path(__file__).parents[2] / "monitoring" / "rules"


def rules() -> Iterator[dict[str, Any]]:
    for path in sorted(RULES.glob("*.yaml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def recorded() -> dict[str, str]:
    """Expressions of all rules that record a name, one after the other."""
    found: dict[str, str] = {}
    for rule in rules():
        if "record" in rule:
            found[rule["record"]] = found.get(rule["record"], "") + "\n" + rule["expr"]
    return found


def alerts() -> dict[str, list[dict[str, Any]]]:
    """By name; an alert may have a rule for each window."""
    found: dict[str, list[dict[str, Any]]] = {}
    for rule in rules():
        if "alert" in rule:
            found.setdefault(rule["alert"], []).append(rule)
    return found
