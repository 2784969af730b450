"""CPU throttling, which no object shows: a low limit, probes that time out, and usage where metrics-server tells it."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.containers import Container
from k8s.doctor.ends import relevant_end
from k8s.doctor.events import Event
from k8s.doctor.fields import listed, mapping, named, quantity, text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Confidence, Evidence, Finding
from k8s.doctor.workloads import Workload

LOW_LIMIT = 0.5
"""Cores below which a limit may well be what makes a web server miss its probes."""
VERY_LOW_LIMIT = 0.1
"""Cores with which hardly anything starts in time."""
MISSED = re.compile(r"deadline exceeded|timeout|timed out", re.IGNORECASE)
"""What the kubelet says of a probe that gets no answer in time."""
RECENT = 600.0
"""Seconds for which missed probes of a container that is ready again count."""
AT_LIMIT = 0.9
"""Share of the limit that is used by what is throttled."""


def diagnose(workload: Workload) -> Iterator[Finding]:
    """Containers that are up, and use all they may."""
    for pod in workload.alive:
        for container in pod.containers:
            limit, used = container.limit("cpu"), usage(container)
            if limit and limit < LOW_LIMIT and container.ready and (missed := _missed(container)):
                yield Finding(
                    "cpu-throttled",
                    f"The {container.described} may use {limit:g} CPUs only, which is likely why its probes time out.",
                    MEDIUM if limit <= VERY_LOW_LIMIT else LOW,
                    (
                        Evidence(pod.ref, missed.field, missed.message),
                        *(Evidence(pod.ref, *each) for each in evidence(container)),
                    ),
                    next=(f"kubectl top pod {pod.name} --containers{workload.flag}",),
                    fix=(commands.edit(workload, f"{container.spec_path}.resources.limits.cpu: more, or none"),),
                    pods=(pod.name,),
                    old=pod.old,
                )
                continue
            if (
                limit
                and used is not None
                and used >= AT_LIMIT * limit
                and container.ready
                and not relevant_end(container)
            ):
                yield Finding(
                    "cpu-throttled",
                    f"The {container.described} uses all of the {limit:g} CPUs that it may, so it is slowed down.",
                    MEDIUM if limit < LOW_LIMIT else LOW,
                    tuple(Evidence(pod.ref, *each) for each in evidence(container)),
                    next=(f"kubectl top pod {pod.name} --containers{workload.flag}",),
                    fix=(commands.edit(workload, f"{container.spec_path}.resources.limits.cpu: more, or none"),),
                    pods=(pod.name,),
                    old=pod.old,
                )


def _missed(container: Container) -> Event | None:
    """The last event of probes that got no answer in time, if there were several, and not long ago."""
    for event in reversed(container.events("Unhealthy")):
        ago = container.pod.cluster.seconds_since(event.last)
        if MISSED.search(event.message) and event.count > 1 and ago is not None and ago < RECENT:
            return event
    return None


def suspected(container: Container, *, timeout: bool, probe: str) -> tuple[str, Confidence] | None:
    """The limit and how likely it is the reason, when a probe fails of a container that is not given much."""
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
    """Cores that it uses, where metrics-server answered."""
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
