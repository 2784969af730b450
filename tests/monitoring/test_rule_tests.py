"""Completeness of the rules' unit tests: each alert fires in one, and did not fire one step before."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.monitoring.configuration import MONITORING, RULES, read, recorded, rules
from tests.monitoring.metrics import metrics

STEP = 30
ALWAYS = {"Watchdog"}
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
UNIT_TESTS = sorted(MONITORING.glob("rules/tests/*.yaml"))
SCENARIOS = [scenario for path in UNIT_TESTS for scenario in read(path)["tests"]]
ALERTS = [rule for rule in rules() if "alert" in rule]

every_alert = pytest.mark.parametrize(
    "alert", ALERTS, ids=lambda alert: "-".join([alert["alert"], *[alert["labels"].get("long", "")]])
)


def seconds(duration: str) -> int:
    return sum(int(number) * UNITS[unit] for number, unit in re.findall(r"(\d+)([smhd])", str(duration)))


def moments(scenario: dict[str, Any], alert: dict[str, Any]) -> Iterator[tuple[int, bool]]:
    """The times at which a scenario checks the alert, and whether it fires."""
    for each in scenario.get("alert_rule_test", []):
        if each["alertname"] == alert["alert"]:
            fired = [one["exp_labels"] for one in each["exp_alerts"]]
            yield seconds(each["eval_time"]), any(alert["labels"].items() <= labels.items() for labels in fired)


@every_alert
def test_an_alert_fires_and_was_silent_one_step_before(alert: dict[str, Any]) -> None:
    seen = [dict(moments(scenario, alert)) for scenario in SCENARIOS]
    firing = [(when, times) for times in seen for when, fires in times.items() if fires]
    assert firing
    if alert["alert"] not in ALWAYS:
        assert any(times.get(when - STEP) is False for when, times in firing)


@every_alert
def test_an_alert_ends(alert: dict[str, Any]) -> None:
    if alert["alert"] in ALWAYS:
        return
    seen = [dict(moments(scenario, alert)) for scenario in SCENARIOS]
    assert any(times[max(times)] is False and any(times.values()) for times in seen if times)


@pytest.mark.parametrize("name", sorted(recorded()))
def test_a_recorded_value_is_computed_by_hand_too(name: str) -> None:
    looked_at = [each["expr"] for scenario in SCENARIOS for each in scenario.get("promql_expr_test", [])]
    assert any(name in metrics(expr) for expr in looked_at)


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_every_file_of_rules_has_its_file_of_tests(path: Path) -> None:
    tests = read(path.parent / "tests" / path.name)
    assert f"../{path.name}" in tests["rule_files"]
    assert tests["evaluation_interval"] == f"{STEP}s"


@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_what_is_recorded_is_there_when_an_alert_looks(path: Path) -> None:
    """Without an order promtool evaluates groups in any order, and an alert may fire one step later."""
    tests = read(path)
    groups = [group["name"] for name in tests["rule_files"] for group in read(path.parent / name)["groups"]]
    if len(tests["rule_files"]) > 1:
        assert tests["group_eval_order"] == groups
