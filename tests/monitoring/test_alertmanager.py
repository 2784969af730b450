"""Routes and inhibitions, checked with amtool; delivery is tested in live/."""

import re
import subprocess
from collections.abc import Callable

import pytest

from tests.monitoring.configuration import ALERTMANAGER, read, rules

ALERTS = sorted({(rule["alert"], rule["labels"]["severity"]) for rule in rules() if "alert" in rule})
RECEIVERS = {"critical": "page", "warning": "ticket", "info": "nobody"}
CONFIGURATION = read(ALERTMANAGER)
INHIBITIONS = [[*each["source_matchers"], *each["target_matchers"]] for each in CONFIGURATION["inhibit_rules"]]


@pytest.fixture(scope="module")
def amtool(require_tool: Callable[[str, str], str]) -> str:
    return require_tool("amtool", "prometheus-alertmanager")


def receiver(amtool: str, **labels: str) -> str:
    command = [amtool, "config", "routes", "test", f"--config.file={ALERTMANAGER}"]
    done = subprocess.run(
        [*command, *(f"{name}={value}" for name, value in labels.items())], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_amtool_accepts_it(amtool: str) -> None:
    done = subprocess.run([amtool, "check-config", str(ALERTMANAGER)], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert "SUCCESS" in done.stdout


@pytest.mark.parametrize(("alert", "severity"), ALERTS)
def test_every_alert_goes_to_the_receiver_of_its_severity(amtool: str, alert: str, severity: str) -> None:
    expected = "deadmans-switch" if alert == "Watchdog" else RECEIVERS[severity]
    assert receiver(amtool, alertname=alert, severity=severity, namespace="default") == expected


def test_an_alert_of_unknown_severity_is_not_lost(amtool: str) -> None:
    assert receiver(amtool, alertname="SomebodyElses", severity="dreadful") == "ticket"
    assert receiver(amtool, alertname="SomebodyElses") == "ticket"


def test_the_dead_mans_switch_hears_of_the_watchdog_in_every_interval(amtool: str) -> None:
    (route,) = [each for each in CONFIGURATION["route"]["routes"] if each["receiver"] == "deadmans-switch"]
    assert (route["group_interval"], route["repeat_interval"]) == ("1m", "50s")


def test_the_shipped_urls_are_placeholders() -> None:
    urls = [
        webhook["url"] for receiver in CONFIGURATION["receivers"] for webhook in receiver.get("webhook_configs", [])
    ]
    assert len(urls) == 3
    assert [url for url in urls if not re.match(r"https://[a-z-]+\.example\.com/", url)] == []


@pytest.mark.parametrize("matchers", INHIBITIONS)
def test_what_inhibits_and_what_is_inhibited_exists(matchers: list[str]) -> None:
    names, severities = {name for name, _ in ALERTS}, {severity for _, severity in ALERTS}
    for matcher in matchers:
        label, pattern = re.fullmatch(r'(\w+)=~?"(.*)"', matcher).groups()  # type: ignore[union-attr]
        prefix, alternatives = re.fullmatch(r"(\w*?)\(?(\w+(?:\|\w+)*)\)?", pattern).groups()  # type: ignore[union-attr]
        found = {prefix + each for each in alternatives.split("|")}
        assert found <= (names if label == "alertname" else severities)
