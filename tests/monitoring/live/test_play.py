"""Each alert fires, is delivered and ends; each query of each dashboard has an answer while things go wrong.

The servers, Prometheus and Alertmanager are real; kube-state-metrics and cAdvisor are simulated.
"""

from collections.abc import Mapping

import pytest

from dashboards.queries import PanelQuery, annotations, queries
from tests.monitoring.configuration import recorded, rules
from tests.monitoring.live import pace, panels
from tests.monitoring.live.expected import WHERE, Alert, alerts
from tests.monitoring.live.fleet import CALM
from tests.monitoring.live.play import Play

ALERTS = [pytest.param(each, id=each.name) for each in alerts()]
ENDING = [pytest.param(each, id=each.name) for each in alerts() if each.ends]
HELD = [pytest.param(each, id=each.name) for each in alerts() if each.held]
QUERIES = [
    pytest.param(each, id=f"{each.dashboard}-{each.kind}-{each.panel}-{each.ref}")
    for each in [*queries(), *annotations()]
]
VARIABLES = sorted({(selector, label) for _, selector, label in panels.variables()})

OF_THE_MACHINE = {"Cifar10LatencyBudgetBurn", "Cifar10TargetDown", "Cifar10Down", "Cifar10ScrapeGap"}
"""May fire without a problem on a busy machine: with shorter windows, a slow scrape lasts minutes."""


def test_every_alert_has_its_place_in_the_play() -> None:
    assert {rule["alert"] for rule in rules() if "alert" in rule} == WHERE.keys()


@pytest.mark.parametrize("alert", ALERTS)
def test_it_fires_after_it_was_pending(play: Play, alert: Alert) -> None:
    states = play.states(alert)
    assert states["firing"]
    assert not alert.waits or min(states["pending"]) < min(states["firing"])


@pytest.mark.parametrize("alert", ALERTS)
def test_it_is_delivered_to_its_receiver(play: Play, alert: Alert) -> None:
    assert play.sink.receivers("firing", **alert.labels) == ({alert.receiver} if alert.receiver else set())


@pytest.mark.parametrize("alert", HELD)
def test_a_warning_is_inhibited_by_the_critical_alert_of_its_name(play: Play, alert: Alert) -> None:
    worse = [each for each in play.alerts if each.labels["alertname"] == alert.labels["alertname"] and not each.held]
    over = max(max(play.states(each)["firing"]) for each in worse)
    first = min(each.at for each in play.sink.received("firing", **alert.labels))
    assert min(play.states(alert)["firing"]) < over < first


@pytest.mark.parametrize("alert", ENDING)
def test_it_ends_when_the_problem_ends(play: Play, alert: Alert) -> None:
    assert max(play.states(alert)["firing"]) < play.ended - pace.INTERVAL
    expected = {alert.receiver} if alert.receiver else set()
    assert play.sink.receivers("resolved", **alert.labels) == expected


def test_without_a_problem_nothing_fires(play: Play) -> None:
    fired = play.prometheus.range(
        f'ALERTS{{alertstate="firing",namespace="{CALM}"}}', play.began, play.ended, pace.INTERVAL
    )
    assert {each.labels["alertname"] for each in fired} <= OF_THE_MACHINE


def test_every_rule_could_be_evaluated(play: Play) -> None:
    assert len(play.rules) == len(list(rules()))
    assert [(rule["name"], rule.get("lastError")) for rule in play.rules if rule["health"] != "ok"] == []


def test_every_text_that_was_delivered_is_complete(play: Play) -> None:
    texts = [alert["annotations"] for notification in play.sink.notifications for alert in notification.body["alerts"]]
    assert texts
    for text in texts:
        assert {"summary", "description", "runbook_url", "dashboard_url"} <= text.keys()
        assert [each for each in text.values() if "<no value>" in each or "<error" in each] == []


def test_a_notification_has_alerts_of_one_group(play: Play) -> None:
    for notification in play.sink.notifications:
        for alert in notification.body["alerts"]:
            assert notification.group.items() <= alert["labels"].items()
        assert notification.group.keys() <= {"alertname", "namespace"}


@pytest.fixture(scope="module")
def values(play: Play) -> Mapping[str, str]:
    return panels.chosen(play.prometheus, play.troubled[1])


@pytest.mark.parametrize("query", QUERIES)
def test_a_query_has_an_answer_with_the_labels_that_the_panel_shows(
    play: Play, values: Mapping[str, str], query: PanelQuery
) -> None:
    expr = panels.substituted(query.expr, values)
    found = play.prometheus.range(expr, *play.troubled, pace.INTERVAL)
    assert found, expr
    legend = query.labels - set(query.columns) | ({"le"} if query.kind == "heatmap" else set())
    if query.kind != "annotation":
        assert [each.labels for each in found if not legend <= each.labels.keys()] == []
    if query.panel != "Alerts":  # whose columns suit all alerts; those about budgets have no pod
        assert query.labels <= set().union(*(each.labels for each in found))


@pytest.mark.parametrize(("selector", "label"), VARIABLES)
def test_a_variable_has_values_to_choose(play: Play, values: Mapping[str, str], selector: str, label: str) -> None:
    found = play.prometheus.range(panels.substituted(selector, values), *play.troubled, pace.INTERVAL)
    assert any(each.labels.get(label) for each in found)


@pytest.mark.parametrize("name", sorted(recorded()))
def test_a_recording_rule_has_recorded(play: Play, name: str) -> None:
    found = play.prometheus.range(name, *play.troubled, pace.INTERVAL)
    assert found
    assert {"namespace", "job"} <= set.intersection(*(set(each.labels) for each in found))


def test_exemplars_lead_to_traces_that_the_collector_has(play: Play) -> None:
    histogram = "http_server_request_duration_seconds_bucket"
    found = play.prometheus.exemplars(f'{histogram}{{namespace="calm"}}', *play.troubled)
    assert found
    assert found <= play.traces
