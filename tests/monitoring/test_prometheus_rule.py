"""The PrometheusRule is the rules, and nothing else."""

from typing import Any

import yaml

from monitoring.prometheus_rule import RUNBOOKS, text
from tests.monitoring.configuration import MONITORING, RULES, read

KEPT = MONITORING.parent / "k8s" / "components" / "monitoring" / "prometheus-rule.yaml"


def groups(runbooks: str = RUNBOOKS) -> Any:
    return yaml.safe_load(text(runbooks))["spec"]["groups"]


def test_what_is_kept_is_what_is_made() -> None:
    assert KEPT.read_text() == text(), "run: .venv/bin/python monitoring/prometheus_rule.py > " + str(KEPT)


def test_every_group_is_in_it_as_it_is_written() -> None:
    assert groups() == [group for path in RULES for group in read(path)["groups"]]


def test_no_two_groups_have_the_same_name() -> None:
    names = [group["name"] for group in groups()]
    assert len(names) == len(set(names))


def test_runbooks_may_be_served_elsewhere() -> None:
    alerts = [rule for group in groups("https://wiki.test/runbooks") for rule in group["rules"] if "alert" in rule]
    assert alerts
    for alert in alerts:
        assert alert["annotations"]["runbook_url"] == f"https://wiki.test/runbooks/{alert['alert']}.md"
