"""Every alert, fired by real servers in trouble (and by the stand-in for a cluster), delivered, and over."""

import pytest

from tests.monitoring.configuration import rules
from tests.monitoring.live import pace
from tests.monitoring.live.expected import WHERE, Alert, alerts
from tests.monitoring.live.fleet import CALM
from tests.monitoring.live.play import Play

ALERTS = [pytest.param(each, id=each.name) for each in alerts()]
ENDING = [pytest.param(each, id=each.name) for each in alerts() if each.ends]

OF_THE_MACHINE = {"Cifar10LatencyBudgetBurn", "Cifar10TargetDown", "Cifar10Down", "Cifar10ScrapeGap"}
"""May fire where nothing is wrong but that this machine has other things to do: a slow scrape is five minutes here."""


def test_every_alert_has_its_place_in_the_play() -> None:
    assert {rule["alert"] for rule in rules() if "alert" in rule} == WHERE.keys()


@pytest.mark.parametrize("alert", ALERTS)
def test_it_fires_after_it_was_pending(play: Play, alert: Alert) -> None:
    states = play.states(alert)
    assert states["firing"]
    assert not alert.waits or min(states["pending"]) < min(states["firing"])


@pytest.mark.parametrize("alert", ALERTS)
def test_it_is_delivered_to_whom_it_concerns(play: Play, alert: Alert) -> None:
    assert play.sink.receivers("firing", **alert.labels) == ({alert.receiver} if alert.receiver else set())


@pytest.mark.parametrize("alert", [each for each in ALERTS if each.values[0].held])  # type: ignore[union-attr]
def test_a_warning_is_not_told_while_the_page_of_its_name_says_it_already(play: Play, alert: Alert) -> None:
    worse = [each for each in play.alerts if each.labels["alertname"] == alert.labels["alertname"] and not each.held]
    over = max(max(play.states(each)["firing"]) for each in worse)
    first = min(each.at for each in play.sink.received("firing", **alert.labels))
    assert min(play.states(alert)["firing"]) < over < first


@pytest.mark.parametrize("alert", ENDING)
def test_it_is_over_when_the_trouble_is(play: Play, alert: Alert) -> None:
    assert max(play.states(alert)["firing"]) < play.ended - pace.INTERVAL
    expected = {alert.receiver} if alert.receiver else set()
    assert play.sink.receivers("resolved", **alert.labels) == expected


def test_where_nothing_is_wrong_nothing_fires(play: Play) -> None:
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


def test_alerts_of_a_kind_come_in_one_message(play: Play) -> None:
    for notification in play.sink.notifications:
        for alert in notification.body["alerts"]:
            assert notification.group.items() <= alert["labels"].items()
        assert notification.group.keys() <= {"alertname", "namespace"}
