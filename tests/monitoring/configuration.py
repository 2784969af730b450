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
    """Every recording and alerting rule that ships."""
    for path in RULES:
        for group in read(path)["groups"]:
            yield from group["rules"]
