"""What the drills say of themselves: complete, and true of what a cluster showed, of alerts and of runbooks."""

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
def test_an_expectation_says_what_it_must_and_nothing_else(name: str) -> None:
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
def test_its_alert_is_there_and_the_runbook_names_the_drill(drill: Drill) -> None:
    if drill.alert is None:
        return
    assert drill.alert in {rule.get("alert") for rule in rules()}
    trying = (MONITORING / f"runbooks/{drill.alert}.md").read_text().partition("## How to try it")[2]
    assert re.search(rf"make drill NAME={drill.name}\b(?!-)", trying)


def test_a_drill_that_a_runbook_or_document_names_is_there() -> None:
    pages = [*MONITORING.rglob("*.md"), *ROOT.glob("docs/*.md"), *FAULTS.rglob("*.md"), ROOT / "README.md"]
    named = {name for page in pages for name in re.findall(r"make drill NAME=([a-z0-9-]+)", page.read_text())}
    assert named <= {*names()}


@every_drill
def test_its_readme_says_how_to_do_it_by_hand_and_how_to_undo_it(drill: Drill) -> None:
    text = (FAULTS / drill.name / "README.md").read_text()
    assert text.startswith(f"# {drill.title}\n")
    commands = re.findall(r"^\$ (.*)", text, re.MULTILINE)
    assert {
        f"make drill NAME={drill.name}",
        f"kubectl apply -k {drill.path}",
        "kubectl apply -k k8s/overlays/local",
        drill.fix,
    } <= {*commands}
    for kind, name in (each.split("/") for each in drill.added):
        undo = f"kubectl label namespace {name} " if kind == "Namespace" else f"kubectl delete {kind.lower()} {name}"
        assert any(command.startswith(undo) for command in commands)
    for link in re.findall(r"\]\(([^)]+)\)", text):
        assert (FAULTS / drill.name / link).exists()


SEEN_OTHERWISE = {
    # The stand-in did not listen to SIGTERM; ours ends well, which tests/e2e/test_shutdown.py proves.
    "liveness-failing": {"last exit"},
}


@pytest.mark.parametrize("name", sorted({*NAMES} & {*names()}))
def test_what_is_expected_is_what_a_cluster_showed(name: str) -> None:
    (drill,) = [each for each in drills() if each.name == name]
    shown = {signal for signal, _ in seen(drill, view(name), NOTHING)}
    assert shown == expected(drill) - SEEN_OTHERWISE.get(name, set())


@pytest.mark.parametrize("name", [each for each in names() if expected(next(d for d in drills() if d.name == each))])
def test_a_healthy_workload_shows_less(name: str) -> None:
    (drill,) = [each for each in drills() if each.name == name]
    shown = {signal for signal, _ in seen(drill, view("healthy"), NOTHING)}
    assert shown <= {"status"}
    assert (shown == {"status"}) == ("Running" in drill.status)


def test_each_fault_has_its_own_evidence() -> None:
    """No two drills expect the same, but for what nothing in pods and events tells apart."""
    told = [(drill.status, drill.signals) for drill in drills()]
    assert len({str(each) for each in told}) >= len(told) - 2
