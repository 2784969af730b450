"""The queries name what somebody exports, and values that it has."""

import re
from collections.abc import Iterator

import pytest

from dashboards.queries import PanelQuery, annotations, dashboards, queries
from service.app import create_app
from service.settings import Settings
from tests.dashboards.cluster_metrics import OF_OTHERS
from tests.dashboards.rules import recorded
from tests.dashboards.selectors import metrics, selected

RECORDED = recorded().keys()
QUERIES = [*queries(), *annotations()]
SAMPLES = {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count"), "gauge": ("",)}

every_query = pytest.mark.parametrize("query", QUERIES, ids=[f"{q.dashboard}: {q.panel} {q.ref}" for q in QUERIES])


@pytest.fixture(scope="module")
def exported() -> dict[str, dict[str, set[str]]]:
    """The service's metrics, with the values that each label has from the start."""
    found = create_app(Settings(), None).extensions["predictor"].metrics
    values: dict[str, dict[str, set[str]]] = {}
    for family in [*found.registry.collect(), *found.runtime.describe()]:
        for ending in SAMPLES[family.type]:
            values.setdefault(family.name + ending, {})
        for sample in family.samples:
            for label, value in sample.labels.items():
                values.setdefault(sample.name, {}).setdefault(label, set()).add(value)
    return values


def variable_queries() -> Iterator[str]:
    for board in dashboards().values():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield re.sub(r"label_values\((.*), \w+\)", r"\1", variable["query"]["query"])


@every_query
def test_every_metric_of_a_query_is_exported_by_somebody(
    query: PanelQuery, exported: dict[str, dict[str, set[str]]]
) -> None:
    assert metrics(query.expr) <= exported.keys() | RECORDED | OF_OTHERS


@pytest.mark.parametrize("expr", sorted({*variable_queries()}))
def test_every_metric_of_a_variable_is_exported_by_somebody(
    expr: str, exported: dict[str, dict[str, set[str]]]
) -> None:
    assert metrics(expr)
    assert metrics(expr) <= exported.keys() | OF_OTHERS


def test_nothing_is_listed_that_no_dashboard_asks_for() -> None:
    asked = [metrics(expr) for expr in [*(query.expr for query in QUERIES), *variable_queries()]]
    assert set().union(*asked) >= OF_OTHERS


@every_query
def test_every_value_that_is_asked_for_can_be_there(
    query: PanelQuery, exported: dict[str, dict[str, set[str]]]
) -> None:
    for name, matchers in selected(query.expr):
        for label, operator, pattern in matchers:
            values = exported.get(name, {}).get(label)
            if values is None or "$" in pattern or operator.startswith("!"):
                continue
            wanted = pattern.split("|") if operator == "=~" else [re.escape(pattern)]
            missing = [each for each in wanted if not any(re.fullmatch(each, value) for value in values)]
            assert [each for each in missing if not each.startswith("/v2/")] == [], f"{name} {label}"  # is to come


@pytest.mark.parametrize(
    ("expr", "names"),
    [
        ('sum by (pod) (rate(a_total{x=~"b|c{d}"}[5m])) / on (pod) group_left () count(up)', {"a_total", "up"}),
        ('job:a:ratio_rate5m{slo="x"} and on (job) job:b:rate5m >= 500', {"job:a:ratio_rate5m", "job:b:rate5m"}),
        ('topk(15, count by (__name__) ({job=~"x"}))', set()),
        ("1 - max(a offset 10m) or vector(0)", {"a"}),
    ],
)
def test_the_metrics_of_an_expression_are_found(expr: str, names: set[str]) -> None:
    assert metrics(expr) == names
