"""Each expect.yaml is complete, and matches the recordings, the alerts and the runbooks."""

import re
from pathlib import Path

import jsonschema
import pytest
import yaml

from k8s.drill.catalogue import FAULTS, Drill, drills, names
from k8s.drill.signals import View, expected, seen
from tests.k8s.faults.recorded import NAMES, view
from tests.k8s.manifests import ROOT
from tests.monitoring.configuration import MONITORING, rules

SCHEMA = yaml.safe_load((Path(__file__).parent / "expect.schema.yaml").read_text())
NOTHING = View((), ())

every_drill = pytest.mark.parametrize("drill", drills(), ids=lambda drill: drill.name)


@pytest.mark.parametrize("name", names())
def test_an_expectation_matches_the_schema(name: str) -> None:
    told = yaml.safe_load((FAULTS / name / "expect.yaml").read_text())
    jsonschema.validate(told, SCHEMA, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize(
    "change",
    [
        {"alert": None},
        {"why_no_alert": "There is an alert"},
        {"signals": {}},
        {"signals": {"event": {"reason": "Failed", "message": "not (found"}}},
        {"serving": "all"},
        {"hint": "one key more"},
        {"injected": {"Deployment/cifar10-deployment": {}}},
    ],
    ids=str,
)
def test_a_wrong_expectation_is_noticed(change: dict[str, object]) -> None:
    told = yaml.safe_load((FAULTS / "crash-wrong-entry" / "expect.yaml").read_text())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(told | change, SCHEMA, format_checker=jsonschema.FormatChecker())


@every_drill
def test_the_alert_exists_and_its_runbook_names_the_drill(drill: Drill) -> None:
    if drill.alert is None:
        return
    assert drill.alert in {rule.get("alert") for rule in rules()}
    trying = (MONITORING / f"runbooks/{drill.alert}.md").read_text().partition("## How to try it")[2]
    assert re.search(rf"make drill NAME={drill.name}\b(?!-)", trying)


def test_every_drill_named_in_a_document_exists() -> None:
    pages = [*MONITORING.rglob("*.md"), *ROOT.glob("docs/*.md"), ROOT / "README.md"]
    named = {name for page in pages for name in re.findall(r"make drill NAME=([a-z0-9-]+)", page.read_text())}
    assert named <= {*names()}


@every_drill
def test_the_fix_or_the_cleanup_removes_what_the_fault_adds(drill: Drill) -> None:
    for kind, name in (each.split("/") for each in drill.added):
        undo = f"kubectl label namespace {name} " if kind == "Namespace" else f"kubectl delete {kind.lower()} {name}"
        assert any(command.startswith(undo) for command in (drill.fix, *drill.cleanup))


SEEN_OTHERWISE = {
    # The stand-in did not listen to SIGTERM; ours ends well, which tests/e2e/test_shutdown.py proves.
    "liveness-failing": {"last exit"},
}


@pytest.mark.parametrize("name", sorted({*NAMES} & {*names()}))
def test_the_expected_signals_are_those_of_the_recording(name: str) -> None:
    (drill,) = [each for each in drills() if each.name == name]
    shown = {signal for signal, _ in seen(drill, view(name), NOTHING)}
    assert shown == expected(drill) - SEEN_OTHERWISE.get(name, set())


@pytest.mark.parametrize("name", [each for each in names() if expected(next(d for d in drills() if d.name == each))])
def test_a_healthy_workload_shows_no_signal_but_the_status(name: str) -> None:
    (drill,) = [each for each in drills() if each.name == name]
    shown = {signal for signal, _ in seen(drill, view("healthy"), NOTHING)}
    assert shown <= {"status"}
    assert (shown == {"status"}) == ("Running" in drill.status)


def test_faults_differ_in_their_signals() -> None:
    """Signals differ, except for drills that pods and events cannot distinguish."""
    told = [(drill.status, drill.signals) for drill in drills()]
    assert len({str(each) for each in told}) >= len(told) - 2
