"""All queries of the dashboards, read from their JSON without the SDK; tests send them to a real Prometheus."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class PanelQuery:
    """``instant`` queries have one result per series, others a range; ``legend`` is a template such as ``{{pod}}``."""

    dashboard: str
    panel: str
    kind: str
    ref: str
    expr: str
    legend: str
    instant: bool
    columns: tuple[str, ...]

    @property
    def labels(self) -> set[str]:
        """The labels that the legend or the table's columns show."""
        return {*re.findall(r"\{\{(\w+)\}\}", self.legend), *self.columns}

    def asked(self, variables: Mapping[str, str]) -> str:
        """The expression as Grafana sends it, ``$name`` being replaced by its value."""
        return re.sub(r"\$(\w+)", lambda found: variables[found[1]], self.expr)


def dashboards(folder: Path = FOLDER) -> dict[str, dict[str, Any]]:
    """By uid."""
    return {path.stem: json.loads(path.read_text()) for path in sorted(folder.glob("cifar10-*.json"))}


def panels(dashboard: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All panels except row headings."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries(folder: Path = FOLDER) -> Iterator[PanelQuery]:
    for uid, dashboard in dashboards(folder).items():
        for panel in panels(dashboard):
            for target in panel["targets"]:
                yield PanelQuery(
                    uid, panel["title"], panel["type"], target["refId"], target["expr"],
                    target["legendFormat"].replace("__auto", ""), target.get("instant", False), _columns(panel, target),
                )  # fmt: skip


def annotations(folder: Path = FOLDER) -> Iterator[PanelQuery]:
    """The queries of the annotations."""
    for uid, dashboard in dashboards(folder).items():
        for mark in dashboard["annotations"]["list"]:
            text = f"{mark['titleFormat']} {mark['textFormat']}"
            yield PanelQuery(uid, mark["name"], "annotation", "Anno", mark["expr"], text, False, ())


def _columns(panel: Mapping[str, Any], target: Mapping[str, Any]) -> tuple[str, ...]:
    """The labels that a table shows; of several joined queries, those that this one is grouped by."""
    shown = [
        name
        for step in panel.get("transformations", [])
        if step["id"] == "filterFieldsByName"
        for name in step["options"]["include"]["names"]
        if not name.startswith("Value")
    ]
    if len(panel["targets"]) == 1:
        return tuple(shown)
    return tuple(name for name in shown if re.search(rf"by \([^)]*\b{name}\b", target["expr"]))
