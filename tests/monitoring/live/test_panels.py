"""No panel is dead: whatever a dashboard asks has an answer while things go wrong, with the labels that it shows."""

from collections.abc import Mapping

import pytest

from tests.monitoring.configuration import rules
from tests.monitoring.live import pace, panels
from tests.monitoring.live.panels import Query
from tests.monitoring.live.play import Play

QUERIES = [pytest.param(each, id=each.name) for each in panels.queries()]
RECORDED = sorted({rule["record"] for rule in rules() if "record" in rule})


@pytest.fixture(scope="module")
def values(play: Play) -> Mapping[str, str]:
    return panels.chosen(play.prometheus, play.troubled[1])


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_has_an_answer_with_the_labels_of_its_legend(
    play: Play, values: Mapping[str, str], query: Query
) -> None:
    expr = panels.substituted(query.expr, values)
    found = play.prometheus.range(expr, *play.troubled, pace.INTERVAL)
    assert found, expr
    assert [each.labels for each in found if not query.legend <= each.labels.keys()] == []


@pytest.mark.parametrize("name", RECORDED)
def test_a_recording_rule_has_recorded(play: Play, name: str) -> None:
    found = play.prometheus.range(name, *play.troubled, pace.INTERVAL)
    assert found
    assert {"namespace", "job"} <= set.intersection(*(set(each.labels) for each in found))


def test_exemplars_lead_to_traces_that_the_collector_has(play: Play) -> None:
    histogram = "http_server_request_duration_seconds_bucket"
    found = play.prometheus.exemplars(f'{histogram}{{namespace="calm"}}', *play.troubled)
    assert found
    assert found <= play.traces
