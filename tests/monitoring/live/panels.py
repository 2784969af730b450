"""Values for the dashboards' variables, so that queries can be sent to Prometheus as Grafana sends them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from dashboards.queries import dashboards
from tests.e2e.prometheus import Prometheus
from tests.monitoring.live import pace

LABEL_VALUES = re.compile(r"label_values\((.*), ?(\w+)\)")

INTERVALS = {
    "__rate_interval": f"{round(pace.INTERVAL * 5)}s",
    "__interval": f"{round(pace.INTERVAL)}s",
    "__range": f"{round(pace.INTERVAL * 300)}s",
}
"""Grafana's values for this scrape interval."""


def variables() -> Iterator[tuple[dict[str, Any], str, str]]:
    """Each variable of each dashboard that is filled by a query, with the query's selector and its label."""
    for board in dashboards().values():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                match = LABEL_VALUES.fullmatch(variable["query"]["query"])
                assert match, variable
                yield variable, match[1], match[2]


def chosen(prometheus: Prometheus, at: float) -> Mapping[str, str]:
    """A value for each variable: All, or the first one if the variable has no All."""
    values: dict[str, str] = {}
    for variable, selector, label in variables():
        values[variable["name"]] = variable.get("allValue") or ".*"
        if not variable.get("includeAll"):
            series = prometheus.instant(substituted(selector, values), at)
            values[variable["name"]] = min(each.labels[label] for each in series)
    return values


def substituted(expr: str, values: Mapping[str, str]) -> str:
    """The query with the variables' values in place of their names."""
    every = {**values, **INTERVALS}
    return re.sub(r"\$(\w+)", lambda found: every[found[1]], expr)
