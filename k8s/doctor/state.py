"""The state of a workload without findings: healthy, in progress, or unknown."""

from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.fields import listed, number, text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Evidence, Finding
from k8s.doctor.logs import last_words
from k8s.doctor.workloads import Workload

STARTING = 120.0
"""Seconds for which an unready pod counts as starting, if no controller tells more."""


def without_fault(workload: Workload) -> Finding:
    """The verdict for a workload without findings."""
    ready = _ready(workload)
    evidence = [Evidence(workload.ref, "pods", f"{ready} of {workload.desired} ready"), *_conditions(workload)]
    if not _settled(workload) and (why := _on_its_way(workload)):
        return Finding("in-progress", f"{why} Nothing is wrong so far.", MEDIUM, tuple(evidence), next=_watch(workload))
    if _settled(workload):
        what = (
            "It has done its work." if workload.kind == "Job" and workload.finished else "Everything runs and is ready."
        )
        sure = workload.cluster.knows("Pod")
        return Finding("healthy", what, HIGH if sure else MEDIUM, tuple(evidence))
    evidence += list(_seen(workload))
    late = ", for longer than its rollout may take" if workload.stalled else ""
    return Finding(
        "unknown",
        f"Only {ready} of {workload.desired} pods are ready{late}, and what could be read does not say why.",
        LOW,
        tuple(evidence),
        next=(commands.describe(workload, workload.ref), f"kubectl events{workload.flag} --types=Warning"),
    )


def _ready(workload: Workload) -> int:
    if workload.cluster.knows("Pod"):
        return len(workload.serving)
    return max(number(workload.obj, "status", key) for key in ("readyReplicas", "numberReady", "ready"))


def _settled(workload: Workload) -> bool:
    if workload.kind == "Job":
        return workload.finished
    if workload.kind == "Deployment" and (workload.stalled or not _rolled_out(workload)):
        return False
    return _ready(workload) >= workload.desired and workload.observed


def _rolled_out(workload: Workload) -> bool:
    """Whether all pods are of the new revision and available, as ``kubectl rollout status`` defines it."""
    updated, all_, available = (
        number(workload.obj, "status", key) for key in ("updatedReplicas", "replicas", "availableReplicas")
    )
    return updated >= workload.desired and all_ <= updated <= available


def _on_its_way(workload: Workload) -> str:
    """A sentence about what is in progress, or an empty string."""
    progressing = workload.condition("Progressing")
    pulling = [
        pod for pod in workload.alive if (e := pod.events("Pulling", "Pulled", "Failed")) and e[-1].reason == "Pulling"
    ]
    if pulling and not any(pod.ready for pod in pulling):
        return f"An image is being pulled for {len(pulling)} of the pods."
    if workload.kind == "Pod" and not workload.alive and any(pod.terminating for pod in workload.pods):
        return "The pod is being deleted."
    if not workload.observed:
        return "The latest change has not been taken up by its controller yet."
    if workload.kind == "Job" and not workload.finished:
        return "The Job runs."
    if text(progressing, "status") == "True" and text(progressing, "reason") != "NewReplicaSetAvailable":
        return f"A rollout is under way: {text(progressing, 'message') or text(progressing, 'reason')}"
    if workload.stalled:
        return ""
    unready = [pod for pod in workload.alive if not pod.ready]
    young = [pod for pod in unready if pod.age is not None and pod.age < STARTING]
    if unready and len(young) == len(unready):
        return f"{len(young)} pods were made less than {STARTING:.0f} s ago and are not ready yet."
    if workload.alive and not unready:
        return "The pods are ready, but not all of them count as available yet."
    made = workload.age
    if not workload.alive and made is not None and made < STARTING / 4:
        return "It was made just now, and has no pods yet."
    return ""


def _watch(workload: Workload) -> tuple[str, ...]:
    if workload.kind in ("Deployment", "StatefulSet", "DaemonSet"):
        return (f"kubectl rollout status {workload.ref}{workload.flag}",)
    return (f"kubectl get {workload.ref}{workload.flag} --watch",)


def _conditions(workload: Workload) -> Iterator[Evidence]:
    for each in listed(workload.obj, "status", "conditions"):
        if text(each, "type") in ("Available", "Progressing", "Ready", "Complete"):
            shown = f"{text(each, 'status')} {text(each, 'reason')}".strip()
            yield Evidence(workload.ref, f"status.conditions[{text(each, 'type')}]", shown)


def _seen(workload: Workload) -> Iterator[Evidence]:
    """Evidence for a person to interpret."""
    for pod in [each for each in workload.pods if not each.ready][:3]:
        said = (pod.phase or "unknown", pod.reason, text(pod.obj, "status", "message"))
        yield Evidence(pod.ref, "status.phase", " ".join(filter(None, said)))
        for container in pod.containers:
            now = container.waiting or ("running" if container.running else "ended" if container.end else "no status")
            yield Evidence(pod.ref, container.status_path, f"{now} {container.waiting_message}".strip())
            if words := last_words(container.lines()):
                yield Evidence(pod.ref, f"log of {container.name}", words)
        for event in [e for e in pod.events() if e.type == "Warning"][-3:]:
            yield Evidence(pod.ref, event.field, event.message)
    if not workload.pods:
        theirs = [e for e in workload.cluster.events if e.kind == "Pod" and e.name.startswith(f"{workload.name}-")]
        for event in [e for e in theirs if e.type == "Warning" and e.namespace == workload.namespace][-3:]:
            yield Evidence(event.ref, event.field, event.message)
    for maker in workload.makers:
        for event in [e for e in workload.cluster.events_of(maker) if e.type == "Warning"][-2:]:
            yield Evidence(event.ref, event.field, event.message)
