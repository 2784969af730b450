"""The files under monitoring/, read."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

MONITORING = Path(__file__).parents[2] / "monitoring"
ALERTMANAGER = MONITORING / "alertmanager" / "alertmanager.yml"
RULES = tuple(sorted(MONITORING.glob("rules/*.yaml")))


def read(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def rules() -> Iterator[dict[str, Any]]:
    """Every recording and alerting rule."""
    for path in RULES:
        for group in read(path)["groups"]:
            yield from group["rules"]


def recorded() -> dict[str, str]:
    """By recorded name, the expressions of all its rules, joined."""
    found: dict[str, str] = {}
    for rule in rules():
        if "record" in rule:
            found[rule["record"]] = found.get(rule["record"], "") + "\n" + rule["expr"]
    return found


def alerts() -> dict[str, list[dict[str, Any]]]:
    """Alerting rules by name; burn rate alerts have one rule per window."""
    found: dict[str, list[dict[str, Any]]] = {}
    for rule in rules():
        if "alert" in rule:
            found.setdefault(rule["alert"], []).append(rule)
    return found
