"""Unhealthy nodes with unhealthy pods of the workload."""

from collections.abc import Iterator

from k8s.doctor.fields import condition, listed, name, text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Evidence, Finding
from k8s.doctor.workloads import Workload

PRESSURE = ("MemoryPressure", "DiskPressure", "PIDPressure")


def diagnose(workload: Workload) -> Iterator[Finding]:
    known = {name(node) for node in workload.cluster.all("Node") if text(condition(node, "Ready"), "status") != "True"}
    for pod in workload.alive:
        # Without a readiness gate only the node controller takes away the readiness of pods whose containers are ready.
        ran_on = text(pod.condition("ContainersReady"), "status") == "True"
        if ran_on and not pod.ready and not listed(pod.obj, "spec", "readinessGates") and pod.node not in known:
            events = pod.events("NodeNotReady")[-1:]
            yield Finding(
                "node-not-ready",
                f"The node {pod.node} no longer reports, so its pods count as not ready.",
                MEDIUM if events else LOW,
                (
                    *(Evidence(pod.ref, e.field, e.message) for e in events),
                    Evidence(pod.ref, "status.conditions", "ContainersReady True, but Ready False"),
                ),
                next=(f"kubectl describe node/{pod.node}",),
                fix=(f"kubectl get node {pod.node} -o wide   # then mend its kubelet",),
                pods=(pod.name,),
                old=pod.old,
            )
    for node in workload.cluster.all("Node"):
        here = [pod for pod in workload.pods if pod.node == name(node) and not pod.ready and pod.phase != "Succeeded"]
        if not here:
            continue
        ready = condition(node, "Ready")
        ref = f"node/{name(node)}"
        if text(ready, "status") in ("False", "Unknown"):
            yield Finding(
                "node-not-ready",
                f"The node {name(node)} does not report that it is well, so nobody knows of the pods on it.",
                HIGH,
                (Evidence(ref, "status.conditions[Ready]", f"{text(ready, 'status')}: {text(ready, 'message')}"),),
                next=(f"kubectl describe {ref}",),
                fix=(
                    f"kubectl drain {name(node)} --ignore-daemonsets --delete-emptydir-data   # then mend its kubelet",
                ),
                pods=tuple(pod.name for pod in here),
            )
        for each in PRESSURE:
            found = condition(node, each)
            if text(found, "status") == "True":
                evicted = any(pod.reason == "Evicted" for pod in here)
                yield Finding(
                    "node-under-pressure",
                    f"The node {name(node)} is short of {each.removesuffix('Pressure').lower()}.",
                    HIGH if evicted else LOW,
                    (Evidence(ref, f"status.conditions[{each}]", text(found, "message")),),
                    next=(f"kubectl describe {ref}",),
                    fix=(f"kubectl cordon {name(node)}   # then free what it is short of",),
                    pods=tuple(pod.name for pod in here),
                )
