"""Every recording and every variant gets the expected verdict."""

import json
from dataclasses import replace

import pytest

from k8s.doctor import causes
from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import Diagnosis, diagnose
from k8s.doctor.logs import Logs
from k8s.doctor.report import Style, as_json, report
from k8s.doctor.snapshot import Snapshot
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots import drills, texts
from tests.k8s.doctor.snapshots.draft import Draft
from tests.k8s.doctor.snapshots.variants import VARIANTS, containers, running, workloads

EVIDENCE = {
    "config-map-missing": 'configmap "cifar10-config" not found',
    "crash-exit-78-bad-config": "CIFAR10_MAX_BATCH_SIZE must be an integer, got 'many'",
    "crash-missing-executable": 'exec: "gunicron": executable file not found in $PATH',
    "crash-wrong-entry": "can't open file '/app/wrong_entry.py'",
    "crash-wrong-entry-early": "exit code 2, reason Error",
    "evicted-empty-dir": 'Usage of EmptyDir volume "t" exceeds the limit "1Mi".',
    "healthy": "1 of 1 ready",
    "image-invalid-name": "must be lowercase",
    "image-never-pull": "is not present with pull policy of Never",
    "image-registry-unreachable": "lookup registry.invalid",
    "image-tag-not-found": "localhost:5000/cifar-api-cpu:wrong-v1: not found",
    "image-tag-not-found-early": "localhost:5000/cifar-api-cpu:wrong-v1: not found",
    "liveness-failing": "Liveness probe failed: HTTP probe failed with statuscode: 404",
    "oom-killed": "reason OOMKilled, exit code 137",
    "oom-killed-early": "reason OOMKilled, exit code 137",
    "pod-security-rejected": 'violates PodSecurity "restricted:latest"',
    "readiness-failing": "Readiness probe failed: HTTP probe failed with statuscode: 404",
    "run-as-non-root": "container has runAsNonRoot and image will run as root",
    "service-wrong-target-port": "web",
    "unschedulable-cpu": "1 Insufficient cpu",
}
"""Text that the evidence must contain, by recording."""

TOLD_BY_EVENTS_ONLY = {
    "readiness-failing": ("readiness-failing", "medium"),
    "liveness-failing": ("liveness-failing", "low"),
}


def only(snapshot: Snapshot) -> Diagnosis:
    """The diagnosis of the only workload."""
    (found,) = diagnose(Cluster(snapshot))
    return found


@pytest.mark.parametrize("recording", snapshots.RECORDED)
def test_a_recording_gets_its_cause_with_the_evidence(recording: str) -> None:
    found = only(snapshots.named(recording))
    assert found.verdict.cause == snapshots.RECORDED[recording]
    assert EVIDENCE[recording] in " ".join(each.value for each in found.verdict.evidence)
    assert found.others == ()


@pytest.mark.parametrize("recording", snapshots.RECORDED)
def test_every_fault_has_a_next_command_and_a_fix(recording: str) -> None:
    found = only(snapshots.named(recording))
    if found.kind is causes.Kind.FAULT:
        commands = [*found.verdict.next, *found.verdict.fix]
        assert found.verdict.fix
        assert all(each.startswith(("kubectl ", "kind ", "nslookup ")) for each in commands)


@pytest.mark.parametrize("drill", drills.BUILT)
def test_an_unrecorded_drill_gets_its_cause(drill: str) -> None:
    assert only(snapshots.named(drill)).verdict.cause == snapshots.DRILLS[drill]


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_gets_its_cause(variant: str) -> None:
    cause, build = VARIANTS[variant]
    assert only(build().snapshot()).verdict.cause == cause


@pytest.mark.parametrize("recording", snapshots.RECORDED)
def test_the_cause_is_found_without_events(recording: str) -> None:
    found = only(replace(snapshots.named(recording), events=[]))
    cause, confidence = TOLD_BY_EVENTS_ONLY.get(recording, (snapshots.RECORDED[recording], found.verdict.confidence))
    assert (found.verdict.cause, found.verdict.confidence) == (cause, confidence)


@pytest.mark.parametrize("recording", snapshots.RECORDED)
def test_the_cause_is_found_without_logs(recording: str) -> None:
    found = only(replace(snapshots.named(recording), logs=Logs(), previous=Logs()))
    assert found.verdict.cause == snapshots.RECORDED[recording]


@pytest.mark.parametrize("kind", ["Node", "ReplicaSet", "EndpointSlice", "Deployment"])
@pytest.mark.parametrize("recording", sorted(set(snapshots.RECORDED) - {"pod-security-rejected", "evicted-empty-dir"}))
def test_the_cause_is_found_without_permission_for_a_kind(recording: str, kind: str) -> None:
    whole = snapshots.named(recording)
    items = [each for each in whole.items if each["kind"] != kind]
    found = only(replace(whole, items=items, read=whole.read - {kind}))
    assert found.verdict.cause == snapshots.RECORDED[recording]


@pytest.mark.parametrize("recording", snapshots.RECORDED)
def test_the_diagnosis_does_not_depend_on_names(recording: str) -> None:
    draft = Draft(recording)
    words = {"cifar10-deployment": "web", "cifar10-service": "front", '"name": "cifar10"': '"name": "main"'}
    words |= {
        "[cifar10]": "[main]",
        "{cifar10}": "{main}",
        '"app": "cifar10"': '"tier": "x"',
        f'"{draft.namespace}"': '"shop"',
    }
    found = only(draft.renamed(**words).snapshot())
    assert found.verdict.cause == snapshots.RECORDED[recording]
    assert found.workload.namespace == "shop"
    assert all(" -n shop" in each for each in found.verdict.next if " node" not in each)


def test_old_pods_that_still_serve_are_reported() -> None:
    found = only(workloads.with_bad_image().snapshot())
    assert found.impact[0] == "1 old pods (revision 1) still serve; of the new revision 0 of 1 are ready."
    assert found.verdict.fix[0].startswith("kubectl rollout undo deployment/cifar10-deployment")


def test_the_root_cause_is_reported_first() -> None:
    found = only(workloads.with_bad_image_and_selector().snapshot())
    assert [found.verdict.cause, *(each.cause for each in found.others)] == [
        "image-not-found",
        "service-selects-nothing",
    ]


def test_several_workloads_are_sorted_by_fault() -> None:
    one, two = snapshots.named("healthy"), snapshots.named("oom-killed")
    both = replace(two, items=[*one.items, *two.items], events=[*one.events, *two.events])
    found = diagnose(Cluster(both))
    assert [(each.workload.namespace, each.verdict.cause) for each in found] == [
        ("oom-killed", "out-of-memory"),
        ("healthy", "healthy"),
    ]


def test_the_same_fault_in_several_pods_is_reported_once() -> None:
    draft = Draft("oom-killed")
    twin = json.loads(json.dumps(draft.pod).replace("m8jnx", "twin0"))
    draft.items.append(twin)
    found = only(draft.snapshot())
    assert len(found.verdict.pods) == 2
    assert found.others == ()


def test_a_guess_has_low_confidence() -> None:
    assert only(drills.cpu_throttled().snapshot()).verdict.confidence != "high"
    assert only(containers.pull_error_expired().snapshot()).verdict.confidence == "low"
    assert only(running.killed_by_nobody_known().snapshot()).verdict.confidence == "low"


def test_usage_at_the_limit_makes_throttling_likely() -> None:
    draft = drills.cpu_throttled()
    metrics = {"name": "cifar10", "usage": {"cpu": "19900000n", "memory": "40Mi"}}
    draft.items.append({"kind": "PodMetrics", "metadata": draft.pod["metadata"], "containers": [metrics]})
    assert only(draft.snapshot()).verdict.confidence == "high"


@pytest.mark.parametrize("drill", snapshots.DRILLS)
def test_report_and_json_name_the_cause_and_its_evidence(drill: str) -> None:
    found = diagnose(Cluster(snapshots.named(drill)))
    text = report(found, ["services are forbidden"], Style())
    parsed = json.loads(json.dumps(as_json(found, [])))
    assert snapshots.DRILLS[drill] in text
    assert "not read: services are forbidden" in text
    assert parsed["workloads"][0]["cause"] == snapshots.DRILLS[drill]
    assert parsed["workloads"][0]["evidence"]


def test_every_cause_is_reached_by_some_snapshot() -> None:
    reached = {*snapshots.DRILLS.values(), *(cause for cause, _ in VARIANTS.values())}
    told_by_text = set(texts.PULLS.values()) | set(texts.STARTS.values())
    assert {each.id for each in causes.CAUSES} == reached | told_by_text
