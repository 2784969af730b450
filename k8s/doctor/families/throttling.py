"""CPU throttling, inferred from a low limit, probes that time out, and the usage reported by metrics-server."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.ends import relevant_end
from k8s.doctor.events import Event
from k8s.doctor.fields import listed, mapping, named, quantity, text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Confidence, Evidence, Finding
from k8s.doctor.pods import Container
from k8s.doctor.workloads import Workload

LOW_LIMIT = 0.5
"""CPUs below which a limit may cause probes to time out."""
VERY_LOW_LIMIT = 0.1
"""CPUs below which most programs start too slowly."""
MISSED = re.compile(r"deadline exceeded|timeout|timed out", re.IGNORECASE)
"""Messages of the kubelet about a probe that timed out."""
RECENT = 600.0
"""Seconds for which timed-out probes of a ready container are reported."""
AT_LIMIT = 0.9
"""Share of the limit above which a container counts as throttled."""


def diagnose(workload: Workload) -> Iterator[Finding]:
    """Ready containers whose probes time out, or that use their whole limit."""
    for pod in workload.alive:
        for container in pod.containers:
            limit, used = container.limit("cpu"), usage(container)
            if not limit or not container.ready:
                continue
            missed = _missed(container) if limit < LOW_LIMIT else None
            if missed:
                why = f"may use {limit:g} CPUs only, which is likely why its probes time out"
                confidence = MEDIUM if limit <= VERY_LOW_LIMIT else LOW
            elif used is not None and used >= AT_LIMIT * limit and not relevant_end(container):
                why = f"uses all of the {limit:g} CPUs that it may, so it is slowed down"
                confidence = MEDIUM if limit < LOW_LIMIT else LOW
            else:
                continue
            events = [Evidence(pod.ref, missed.field, missed.message)] if missed else []
            yield Finding(
                "cpu-throttled",
                f"The {container.described} {why}.",
                confidence,
                (*events, *(Evidence(pod.ref, *each) for each in evidence(container))),
                next=(f"kubectl top pod {pod.name} --containers{workload.flag}",),
                fix=(commands.edit(workload, f"{container.spec_path}.resources.limits.cpu: more, or none"),),
                pods=(pod.name,),
                old=pod.old,
            )


def _missed(container: Container) -> Event | None:
    """The last event of a recent probe that timed out several times."""
    for event in reversed(container.events("Unhealthy")):
        ago = container.pod.cluster.seconds_since(event.last)
        if MISSED.search(event.message) and event.count > 1 and ago is not None and ago < RECENT:
            return event
    return None


def suspected(container: Container, *, timeout: bool, probe: str) -> tuple[str, Confidence] | None:
    """The CPU limit and the confidence that it causes a failing probe, or ``None``."""
    limit, used = container.limit("cpu"), usage(container)
    if not limit:
        return None
    shown = text(container.spec, "resources", "limits", "cpu") or f"{limit:g}"
    if used is not None and used >= AT_LIMIT * limit:
        return shown, HIGH if timeout else MEDIUM
    if timeout and limit < LOW_LIMIT:
        return shown, MEDIUM if limit <= VERY_LOW_LIMIT else LOW
    return (shown, LOW) if limit <= VERY_LOW_LIMIT and probe in ("startup", "liveness") else None


def usage(container: Container) -> float | None:
    """Used CPUs, or ``None`` without metrics-server."""
    metrics = container.pod.cluster.get("PodMetrics", container.pod.namespace, container.pod.name)
    return quantity(mapping(named(listed(metrics, "containers"), "name", container.name), "usage").get("cpu"))


def evidence(container: Container) -> list[tuple[str, str]]:
    found = [(f"{container.spec_path}.resources.limits.cpu", text(container.spec, "resources", "limits", "cpu"))]
    used = usage(container)
    if used is not None:
        return [*found, ("usage (metrics-server)", f"{used:.3f} CPUs")]
    return [
        *found,
        ("usage", "not known: throttling is not in the API; see the alert Cifar10CPUThrottled, or kubectl top"),
    ]
