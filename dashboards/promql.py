"""Queries in PromQL, in which names such as ``{replica}`` stand for the matchers of the dashboard's variables.

``cifar10_ready{replica}`` becomes ``cifar10_ready{job=~"$job",namespace=~"$namespace",pod=~"$pod"}``. More matchers may
follow, as in ``{prediction,http_response_status_code="200"}``.
"""

import re

from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

from dashboards.variables import DATASOURCE

_SERVICE = 'job=~"$job",namespace=~"$namespace"'
_REPLICA = f'{_SERVICE},pod=~"$pod"'

SELECTORS = {
    "service": _SERVICE,  # recording rules and aggregates over all replicas
    "replica": _REPLICA,
    "prediction": f'{_REPLICA},http_route="/predict"',  # the route of the SLOs
    "container": 'namespace=~"$namespace",pod=~"$pod",container="cifar10"',
    "pod": 'namespace=~"$namespace",pod=~"cifar10-deployment-.*",pod=~"$pod"',
    "deployment": 'namespace=~"$namespace",deployment="cifar10-deployment"',
    "hpa": 'namespace=~"$namespace",horizontalpodautoscaler=~"(keda-hpa-)?cifar10-.*"',
    "pdb": 'namespace=~"$namespace",poddisruptionbudget=~"cifar10-.*"',
    "alert": 'service="cifar10",namespace=~"$namespace|"',  # some alerts have no namespace
}


EACH = "{{pod}} {{instance}}"
"""Legend of series per replica; outside Kubernetes there is no pod label."""

FLEET = "{{namespace}} {{job}}"
"""Legend of series that aggregate all replicas."""


def expand(expr: str) -> str:
    """The query on one line, with the matchers inserted."""
    return re.sub(r"\{(\w+)(?=[,}])", lambda found: "{" + SELECTORS[found[1]], " ".join(expr.split()))


def over_time(expr: str, legend: str, *, exemplars: bool = False) -> Dataquery:
    """For graphs: a value per step of the time range."""
    query = Dataquery().expr(expand(expr)).legend_format(legend).range().datasource(DATASOURCE)
    return query.exemplar(True) if exemplars else query


def now(expr: str, legend: str) -> Dataquery:
    """For single values: the end of the time range."""
    return Dataquery().expr(expand(expr)).legend_format(legend).instant().datasource(DATASOURCE)


def rows(expr: str) -> Dataquery:
    """For tables: a row per series at the end of the time range, a column per label."""
    return now(expr, "__auto").format(PromQueryFormat.TABLE)


def buckets(histogram: str, *, exemplars: bool = False) -> Dataquery:
    """For heatmaps: the increase of each bucket of a classic histogram, ``name{selector}``."""
    name, _, matchers = histogram.partition("{")
    expr = f"sum by (le) (increase({name}_bucket{{{matchers}[$__rate_interval]))"
    return over_time(expr, "{{le}}", exemplars=exemplars).format(PromQueryFormat.HEATMAP)


def quantile(q: float, histogram: str, *by: str) -> str:
    """Quantile of a classic histogram, ``name{selector}``, for each value of the labels ``by``."""
    name, _, matchers = histogram.partition("{")
    labels = ", ".join(("le", *by))
    return f"histogram_quantile({q:g}, sum by ({labels}) (rate({name}_bucket{{{matchers}[$__rate_interval])))"
