"""The columns READY and STATUS of ``kubectl get pods``, from a pod's status."""

from typing import Any

from k8s.drill.cluster import Object


def ready(pod: Object) -> str:
    """Ready and total containers, such as ``0/1``."""
    containers = pod["status"].get("containerStatuses", [])
    return f"{sum(each['ready'] for each in containers)}/{len(pod['spec']['containers'])}"


def status(pod: Object) -> str:
    """The state of the first container that waits or has ended, else the pod's reason or phase."""
    told = pod["status"]
    found: str = told.get("reason") or told.get("phase", "Unknown")
    if _gated(told):
        found = "SchedulingGated"
    containers = told.get("containerStatuses", [])
    for container in reversed(containers):
        found = _named(container["state"]) or found
    if found == "Completed" and any("running" in each["state"] for each in containers):
        found = "Running" if all(each["ready"] for each in containers if "running" in each["state"]) else "NotReady"
    if "deletionTimestamp" in pod["metadata"]:
        found = "Unknown" if told.get("reason") == "NodeLost" else "Terminating"
    return found


def _gated(told: dict[str, Any]) -> bool:
    return any(
        each["type"] == "PodScheduled" and each.get("reason") == "SchedulingGated"
        for each in told.get("conditions", [])
    )


def _named(state: dict[str, Any]) -> str | None:
    """The name of a container's state, or ``None`` if it runs."""
    if reason := state.get("waiting", {}).get("reason"):
        return str(reason)
    if ended := state.get("terminated"):
        signal, code = ended.get("signal"), ended.get("exitCode")
        return str(ended.get("reason") or (f"Signal:{signal}" if signal else f"ExitCode:{code}"))
    return None
