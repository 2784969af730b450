"""What the dashboards ask of Prometheus: every query of every panel, every mark and every choice."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.e2e.prometheus import Prometheus
from tests.monitoring.configuration import MONITORING
from tests.monitoring.live import pace

DASHBOARDS = tuple(sorted((MONITORING.parent / "dashboards").glob("*.json")))
LABEL_VALUES = re.compile(r"label_values\((.*), ?(\w+)\)")

INTERVALS = {
    "__rate_interval": f"{round(pace.INTERVAL * 5)}s",
    "__interval": f"{round(pace.INTERVAL)}s",
    "__range": f"{round(pace.INTERVAL * 300)}s",
}
"""What Grafana would make of them for a scrape interval like ours."""


@dataclass(frozen=True)
class Query:
    """One query, and the labels that its legend names."""

    name: str
    expr: str
    legend: frozenset[str]


def queries() -> list[Query]:
    found = []
    for path in DASHBOARDS:
        dashboard = json.loads(path.read_text())
        for panel in _panels(dashboard):
            for number, target in enumerate(panel.get("targets", []), start=1):
                legend = set(re.findall(r"{{ ?(\w+) ?}}", target.get("legendFormat", "")))
                if target.get("format") == "heatmap":
                    legend.add("le")
                name = f"{path.stem}-{panel['id']}-{panel['title']}-{number}"
                found.append(Query(name, target["expr"], frozenset(legend)))
        for mark in dashboard["annotations"]["list"]:
            if "expr" in mark:
                found.append(Query(f"{path.stem}-mark-{mark['name']}", mark["expr"], frozenset()))
        for variable in _query_variables(dashboard):
            match = LABEL_VALUES.fullmatch(variable["query"]["query"])
            assert match, variable
            expr = f"count by ({match[2]}) ({match[1]})"
            found.append(Query(f"{path.stem}-variable-{variable['name']}", expr, frozenset({match[2]})))
    return found


def chosen(prometheus: Prometheus, at: float) -> Mapping[str, str]:
    """A value for each variable: All, or the first where All is not offered."""
    values: dict[str, str] = {}
    for path in DASHBOARDS:
        for variable in _query_variables(json.loads(path.read_text())):
            name = variable["name"]
            values[name] = variable.get("allValue") or ".*"
            if not variable.get("includeAll"):
                match = LABEL_VALUES.fullmatch(variable["query"]["query"])
                assert match, variable
                series = prometheus.instant(substituted(match[1], values), at)
                values[name] = min(each.labels[match[2]] for each in series)
    return values


def substituted(expr: str, values: Mapping[str, str]) -> str:
    """The query as Grafana would send it."""
    for name, value in {**values, **INTERVALS}.items():
        expr = re.sub(rf"\$\{{{name}(:\w+)?\}}|\${name}\b", lambda _, value=value: value, expr)  # type: ignore[misc]
    assert "$" not in re.sub(r'"[^"]*"', "", expr), expr
    return expr


def _panels(parent: Any) -> Iterator[Any]:
    for panel in parent.get("panels", []):
        yield panel
        yield from _panels(panel)


def _query_variables(dashboard: Any) -> list[Any]:
    return [each for each in dashboard["templating"]["list"] if each["type"] == "query"]
