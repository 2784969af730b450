"""The parts that stand in for a cluster: root check, environment, memory counters and readiness probe."""

import os

import pytest

from tests.container.containers import OF_THE_POD, environment
from tests.container.engine import require_root
from tests.container.memory import Memory, parse
from tests.container.probe import Probe, Readiness
from tests.k8s.manifests import K8S, Manifests, read

VERSION_1 = """\
memory.max_usage_in_bytes:900
memory.oom_control:oom_kill_disable 0
memory.oom_control:oom_kill 2
memory.stat:cache 1
memory.stat:total_cache 110
memory.stat:total_shmem 10
memory.stat:total_inactive_file 60
memory.usage_in_bytes:500
"""
VERSION_2 = """\
memory.current:500
memory.events:oom 3
memory.events:oom_kill 2
memory.peak:900
memory.stat:file 110
memory.stat:shmem 10
memory.stat:inactive_file 60
"""
PROBE = Probe("/readyz", failure_threshold=2, success_threshold=3)


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 10001)


@pytest.mark.usefixtures("nobody")
def test_without_root_the_container_tests_are_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CI", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs root"):
        require_root()


@pytest.mark.usefixtures("nobody")
def test_without_root_the_container_tests_fail_in_ci(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="needs root"):
        require_root()


def deployment(*variables: dict[str, object]) -> Manifests:
    spec = {"containers": [{"env": list(variables)}]}
    return Manifests([{"kind": "Deployment", "spec": {"template": {"spec": spec}}}])


def test_a_variable_takes_the_value_of_one_further_up_and_of_none_further_down() -> None:
    found = environment(
        deployment(
            {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
            {"name": "WHO", "value": "$(POD) on $(NODE)"},
            {"name": "NODE", "value": "any"},
        )
    )
    pod = OF_THE_POD["metadata.name"]
    assert found == {"POD": pod, "WHO": f"{pod} on $(NODE)", "NODE": "any"}


def test_control_groups_of_both_versions_are_read_alike() -> None:
    assert parse(VERSION_1) == parse(VERSION_2) == Memory(usage=500, peak=900, cache=100, idle_cache=60, kills=2)


def test_files_that_can_be_taken_back_do_not_count_as_held() -> None:
    memory = parse(VERSION_1)
    assert (memory.held, memory.working_set) == (400, 440)


def states(answers: str) -> str:
    """``+`` is a probe that passes; ``R`` is Ready."""
    readiness, found = Readiness(PROBE), ""
    for answer in answers:
        readiness.answered(answer == "+")
        found += "R" if readiness.ready else "."
    return found


@pytest.mark.parametrize(
    ("answers", "expected"),
    [("-----", "....."), ("++-+++", ".....R"), ("+++-+-+", "..RRRRR"), ("+++--+++", "..RR...R")],
)
def test_a_pod_changes_its_state_after_enough_answers_in_a_row(answers: str, expected: str) -> None:
    assert states(answers) == expected


def test_the_manifests_probe_is_read_whole() -> None:
    probe = Probe.read(read(K8S / "base" / "cifar10-deployment.yaml").container["readinessProbe"])
    assert probe == Probe("/readyz", period_seconds=5, timeout_seconds=2, failure_threshold=2, success_threshold=1)
