"""The rules against promtool, their runbooks and dashboards, the exported metrics, and the PrometheusRule."""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from monitoring.prometheus_rule import RUNBOOKS, text
from tests.monitoring.configuration import MONITORING, RULES, read, recorded, rules
from tests.monitoring.metrics import OF_OTHERS, Exported, exported, metrics, selected

Tool = Callable[[str, str], str]
Rule = dict[str, Any]

UNIT_TESTS = sorted(MONITORING.glob("rules/tests/*.yaml"))
PAGES = {path.stem for path in MONITORING.glob("runbooks/*.md")}
PROMETHEUS_RULE = MONITORING.parent / "k8s" / "components" / "monitoring" / "prometheus-rule.yaml"
ALERTS = [rule for rule in rules() if "alert" in rule]
TARGET_LABELS = {"namespace", "job", "pod", "instance"}
DASHBOARDS = {
    "slo-alerts.yaml": {"cifar10-slo"},
    "service-alerts.yaml": {"cifar10-service"},
    "model-alerts.yaml": {"cifar10-model"},
    "kubernetes-alerts.yaml": {"cifar10-workload", "cifar10-resources"},
    "telemetry-alerts.yaml": {"cifar10-telemetry"},
}

every_rule = pytest.mark.parametrize("rule", [*rules()], ids=lambda rule: rule.get("alert") or rule["record"])
every_alert = pytest.mark.parametrize("alert", ALERTS, ids=lambda alert: alert["alert"])


@pytest.fixture(scope="module")
def service() -> Exported:
    return exported()


def test_promtool_has_nothing_to_say_about_the_rules(require_tool: Tool) -> None:
    done = promtool(require_tool, "check", "rules", *map(str, RULES))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAILED" not in done.stdout + done.stderr


@pytest.mark.timeout(900)  # seconds where the machine is idle
@pytest.mark.parametrize("path", UNIT_TESTS, ids=lambda path: path.stem)
def test_the_rules_pass_their_own_tests(require_tool: Tool, path: Path) -> None:
    done = promtool(require_tool, "test", "rules", str(path))
    assert done.returncode == 0, done.stdout + done.stderr


@every_alert
def test_an_alert_has_all_labels_and_annotations(alert: Rule) -> None:
    assert alert["labels"]["severity"] in {"critical", "warning", "info", "none"}
    assert alert["labels"]["service"] == "cifar10"
    assert alert["labels"].keys() <= {"severity", "service", "short", "long"}
    notes = alert["annotations"]
    assert notes.keys() == {"summary", "description", "runbook_url", "dashboard_url"}
    assert notes["runbook_url"] == f"https://example.com/cifar10-serving/runbooks/{alert['alert']}.md"
    assert not re.search(r"\{\{|\.$", notes["summary"]), "it is used in tables and mail subjects"
    assert notes["description"].endswith(".")


def test_every_alert_has_a_runbook_and_every_runbook_an_alert() -> None:
    assert {alert["alert"] for alert in ALERTS} == PAGES


@pytest.mark.parametrize("name", DASHBOARDS)
def test_an_alert_leads_to_the_dashboard_of_its_subject(name: str) -> None:
    groups = read(MONITORING / "rules" / name)["groups"]
    found = {rule["annotations"]["dashboard_url"] for group in groups for rule in group["rules"]}
    assert found == {f"/d/{uid}" for uid in DASHBOARDS[name]}


@every_rule
def test_every_metric_is_exported_by_somebody(rule: Rule, service: Exported) -> None:
    assert metrics(rule["expr"]) <= service.keys() | recorded().keys() | OF_OTHERS


@every_rule
def test_what_is_asked_of_the_service_is_there_from_the_start(rule: Rule, service: Exported) -> None:
    """A label value that is never exported, such as a wrong bucket or reason, would silence the rule."""
    for name, matchers in selected(rule["expr"]):
        own = [each for each in matchers if each[0] not in TARGET_LABELS]
        if name in service:
            assert any(all(matches(labels, *each) for each in own) for labels in service[name]), f"{name}{own}"


def groups(runbooks: str = RUNBOOKS) -> Any:
    """The groups of the PrometheusRule, the operator's object."""
    return yaml.safe_load(text(runbooks))["spec"]["groups"]


def test_the_prometheus_rule_in_the_repository_is_the_generated_one() -> None:
    assert PROMETHEUS_RULE.read_text() == text(), f"run: python monitoring/prometheus_rule.py > {PROMETHEUS_RULE}"


def test_the_prometheus_rule_has_all_groups_and_nothing_else() -> None:
    assert groups() == [group for path in RULES for group in read(path)["groups"]]


def test_group_names_are_unique() -> None:
    names = [group["name"] for group in groups()]
    assert len(names) == len(set(names))


def test_the_prometheus_rule_can_link_to_runbooks_elsewhere() -> None:
    alerts = [rule for group in groups("https://wiki.test/runbooks") for rule in group["rules"] if "alert" in rule]
    assert alerts
    for alert in alerts:
        assert alert["annotations"]["runbook_url"] == f"https://wiki.test/runbooks/{alert['alert']}.md"


def matches(labels: dict[str, str], label: str, operator: str, value: str) -> bool:
    there = labels.get(label, "")
    equal = re.fullmatch(value, there) is not None if "~" in operator else value == there
    return equal is not operator.startswith("!")


def promtool(require_tool: Tool, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([require_tool("promtool", "prometheus"), *arguments], capture_output=True, text=True)
