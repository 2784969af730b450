"""The thresholds of panels are those of the alerts."""

import re
from typing import Any

import pytest

from dashboards.limits import BUDGETS, BURN_RATES, LIMITS, OBJECTIVES, SLOW_SECONDS, WAKING
from dashboards.queries import dashboards, panels
from tests.dashboards.test_lint import linked_alerts
from tests.monitoring.configuration import alerts, recorded

ALERTS = alerts()
JUDGED = [
    (uid, panel, limits)
    for uid, board in dashboards().items()
    for panel in panels(board)
    if (limits := {LIMITS[alert] for alert in linked_alerts(panel) if alert in LIMITS})
    and len(panel["fieldConfig"]["defaults"].get("thresholds", {}).get("steps", [])) > 1
]


def steps(panel: dict[str, Any]) -> set[float]:
    return {step["value"] for step in panel["fieldConfig"]["defaults"]["thresholds"]["steps"]} - {None}


@pytest.mark.parametrize("alert", LIMITS)
def test_a_limit_is_its_alerts(alert: str) -> None:
    (rule,) = ALERTS[alert]
    assert LIMITS[alert] in {float(number) for number in re.findall(r"[<>]=?\s*([\d.]+)\s*(?:$|\n)", rule["expr"])}


def test_an_alert_that_compares_with_a_share_has_a_limit() -> None:
    """Otherwise no graph would show the threshold of a new alert."""
    compared = {name for name, (rule, *_) in ALERTS.items() if re.search(r"[<>]=?\s*(0\.\d+)\b", rule["expr"])}
    assert compared <= LIMITS.keys()


@pytest.mark.parametrize(("uid", "panel", "limits"), JUDGED, ids=[f"{uid}: {each['title']}" for uid, each, _ in JUDGED])
def test_a_panel_with_a_verdict_has_the_limit_of_its_alert(uid: str, panel: dict[str, Any], limits: set[float]) -> None:
    assert steps(panel) & limits


@pytest.mark.parametrize("alert", ["Cifar10AvailabilityBudgetBurn", "Cifar10LatencyBudgetBurn"])
def test_burn_rates_are_the_alerts(alert: str) -> None:
    found = {}
    for rule in ALERTS[alert]:
        (factor,) = set(re.findall(r"> (?:([\d.]+) \* )?\(?1 - job:cifar10_slo_objective:ratio", rule["expr"]))
        found[rule["labels"]["long"]] = float(factor or 1)
    assert found == dict(BURN_RATES)


@pytest.mark.parametrize("slo", OBJECTIVES)
def test_objectives_are_the_rules(slo: str) -> None:
    assert f'{{slo="{slo}"}} * 0 + {OBJECTIVES[slo]}' in recorded()["job:cifar10_slo_objective:ratio"]
    assert BUDGETS[slo] == pytest.approx(1 - OBJECTIVES[slo])
    assert WAKING[slo] == pytest.approx(14.4 * (1 - OBJECTIVES[slo]))


def test_slow_is_what_breaks_the_latency_objective() -> None:
    assert f'le="{SLOW_SECONDS}"' in recorded()["job:cifar10_slo_errors:rate5m"]
