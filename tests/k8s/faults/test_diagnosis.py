"""The doctor names the cause that each drill expects."""

import pytest

from k8s.doctor import causes
from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import Diagnosis, diagnose
from k8s.doctor.snapshot import Snapshot
from k8s.drill.catalogue import Drill, drills, load, names
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots.draft import Draft


def only(snapshot: Snapshot) -> Diagnosis:
    """The diagnosis of the only workload."""
    (found,) = diagnose(Cluster(snapshot))
    return found


@pytest.mark.parametrize("drill", drills(), ids=lambda drill: drill.name)
def test_the_doctors_first_cause_is_the_drills(drill: Drill) -> None:
    found = only(snapshots.named(drill.name))
    assert found.verdict.cause == drill.cause == snapshots.DRILLS[drill.name]
    assert found.cause.kind is causes.Kind.FAULT


def test_the_doctor_is_tested_on_other_faults_too() -> None:
    others = {*snapshots.DRILLS} - {*names()}
    assert others == {"healthy", *(name for name in others if name.removesuffix("-early") in names())}


def test_the_cpu_limit_is_found_if_the_usage_is_known() -> None:
    (path,) = load("cpu-throttled").injected["Deployment/cifar10-deployment"].items()
    assert path == ("/spec/template/spec/containers/cifar10/resources/limits/cpu", "200m")
    draft = Draft("healthy").each_container(resources={"limits": {"cpu": "200m"}})
    assert only(draft.snapshot()).verdict.cause == "healthy"
    used = {"name": "cifar10", "usage": {"cpu": "198m", "memory": "240Mi"}}
    draft.items.append({"kind": "PodMetrics", "metadata": draft.pod["metadata"], "containers": [used]})
    assert only(draft.snapshot()).verdict.cause == "cpu-throttled"


def test_the_message_names_the_source_of_user_root() -> None:
    """The kubelet's message for our drill; the recording is about the image's user."""
    message = 'container\'s runAsUser breaks non-root policy (pod: "web-1_default(1f2e)", container: cifar10)'
    found = only(Draft("run-as-non-root").without_events().waiting("CreateContainerConfigError", message).snapshot())
    assert found.verdict.cause == "user-not-numeric"
    assert "runAsUser 0 for container cifar10" in found.verdict.sentence
    assert "image" not in found.verdict.sentence
