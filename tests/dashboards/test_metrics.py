"""The queries use metrics and label values that are exported."""

import re
from collections.abc import Iterator

import pytest

from dashboards.queries import PanelQuery, annotations, dashboards, queries
from tests.monitoring.configuration import MONITORING, recorded, rules
from tests.monitoring.metrics import OF_OTHERS, Exported, exported, metrics, selected

RECORDED = recorded().keys()
QUERIES = [*queries(), *annotations()]

every_query = pytest.mark.parametrize("query", QUERIES, ids=[f"{q.dashboard}: {q.panel} {q.ref}" for q in QUERIES])


@pytest.fixture(scope="module")
def service() -> Exported:
    return exported()


def variable_queries() -> Iterator[str]:
    for board in dashboards().values():
        for variable in board["templating"]["list"]:
            if variable["type"] == "query":
                yield re.sub(r"label_values\((.*), \w+\)", r"\1", variable["query"]["query"])


@every_query
def test_every_metric_of_a_query_is_exported_by_somebody(query: PanelQuery, service: Exported) -> None:
    assert metrics(query.expr) <= service.keys() | RECORDED | OF_OTHERS


@pytest.mark.parametrize("expr", sorted({*variable_queries()}))
def test_every_metric_of_a_variable_is_exported_by_somebody(expr: str, service: Exported) -> None:
    assert metrics(expr)
    assert metrics(expr) <= service.keys() | OF_OTHERS


def test_no_metric_of_others_is_listed_without_need() -> None:
    pages = [page.read_text() for page in MONITORING.glob("runbooks/*.md")]
    asked = [
        *(query.expr for query in QUERIES),
        *variable_queries(),
        *(rule["expr"] for rule in rules()),
        *(query for page in pages for query in re.findall(r"^```promql\n(.*?)^```", page, re.MULTILINE | re.DOTALL)),
    ]
    assert set().union(*map(metrics, asked)) >= OF_OTHERS


@every_query
def test_every_value_that_is_asked_for_can_be_there(query: PanelQuery, service: Exported) -> None:
    for name, matchers in selected(query.expr):
        for label, operator, pattern in matchers:
            values = {labels[label] for labels in service.get(name, []) if label in labels}
            if not values or "$" in pattern or operator.startswith("!"):
                continue
            wanted = pattern.split("|") if operator == "=~" else [re.escape(pattern)]
            missing = [each for each in wanted if not any(re.fullmatch(each, value) for value in values)]
            assert missing == [], f"{name} {label}"


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
