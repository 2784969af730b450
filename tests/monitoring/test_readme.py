"""The tables of monitoring/README.md, held to the rules."""

from collections.abc import Iterator

import pytest

from tests.monitoring.configuration import MONITORING, rules

README = (MONITORING / "README.md").read_text().splitlines()


def alert_rows() -> Iterator[str]:
    for rule in rules():
        if name := rule.get("alert"):
            severity, summary = rule["labels"]["severity"], rule["annotations"]["summary"]
            yield f"| [{name}](runbooks/{name}.md) | {severity} | {summary} | {rule.get('for', 'at once')} |"


def objectives() -> dict[str, str]:
    """As a percentage, by name: ``{"latency": "99"}``."""
    found = [rule for rule in rules() if rule.get("record") == "job:cifar10_slo_objective:ratio"]
    return {rule["labels"]["slo"]: f"{100 * float(rule['expr'].split()[-1]):g}" for rule in found}


def test_the_table_of_alerts_is_the_rules() -> None:
    assert sorted(line for line in README if line.startswith("| [")) == sorted(alert_rows())


@pytest.mark.parametrize("name", objectives())
def test_an_objective_is_the_rules(name: str) -> None:
    assert any(line.startswith(f"| {name} | {objectives()[name]} % of ") for line in README)


def test_slow_is_what_the_rules_call_slow() -> None:
    (expr,) = [
        rule["expr"] for rule in rules() if rule.get("labels") == {"slo": "latency"} and "_bucket" in rule["expr"]
    ]
    assert 'le="0.25"' in expr
    assert any("at most 0.25 s" in line for line in README)
