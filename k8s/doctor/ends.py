"""Terminations of containers: which one is relevant, and whether a probe caused it."""

from datetime import datetime, timedelta

from k8s.doctor.events import Event
from k8s.doctor.fields import mapping, number, text
from k8s.doctor.pods import Container
from k8s.doctor.terminations import Termination

RECENT = 15 * 60.0
"""Seconds for which a restart of a running container is reported."""
LOOPING = 60 * 60.0
"""Seconds for which the last of several restarts is reported."""
LOOPS = ("CrashLoopBackOff", "RunContainerError", "CreateContainerError", "PostStartHookError")
"""Waiting reasons of a container that is restarted."""
SLACK = timedelta(seconds=5)
"""Tolerance between the times of events and states, which are rounded to seconds."""


def relevant_end(container: Container) -> Termination | None:
    """The termination to explain, of a container that is down or was recently. ``None`` if it is healthy."""
    end = container.end
    if end is None or container.pod.terminating:
        return None
    finite = container.init and not container.sidecar
    if end.current:
        once = finite or text(container.pod.obj, "spec", "restartPolicy") not in ("", "Always")
        return None if end.code == 0 and once else end
    if container.waiting:
        return end if container.waiting in LOOPS else None
    if finite and container.ready:
        return None
    ago = container.pod.cluster.seconds_since(end.finished)
    if ago is None:
        return end if not container.ready or container.restarts > 2 else None
    if end.reason == "OOMKilled":
        return end if ago < LOOPING else None
    if not container.ready or container.restarts > 2:
        return end if ago < LOOPING else None
    # Healthy again: a process that got SIGTERM, or ended with its node, is not a fault.
    harmless = end.code in (0, 143) and not killing(container, end)
    return end if ago < RECENT and not harmless and end.reason not in ("Unknown", "ContainerStatusUnknown") else None


def killing(container: Container, end: Termination) -> Event | None:
    """The kubelet's event that a probe ended this run."""
    for event in reversed(container.events("Killing")):
        by_probe = "failed liveness probe" in event.message or "failed startup probe" in event.message
        if by_probe and _within(event, end.started, end.finished):
            return event
    return None


def _within(event: Event, started: datetime | None, finished: datetime | None) -> bool:
    if event.first is None or event.last is None or finished is None:
        return True
    return event.first <= finished + SLACK and (started is None or event.last >= started - SLACK)


def killed_by_probe(container: Container) -> str:
    """``liveness`` or ``startup`` if that probe ended the last run, else an empty string."""
    end = relevant_end(container)
    if end is None or end.reason == "OOMKilled":
        return ""
    if event := killing(container, end):
        return "startup" if "failed startup probe" in event.message else "liveness"
    return _guess(container, end) if end.code in (137, 143) and end.reason in ("Error", "Completed", "") else ""


def _guess(container: Container, end: Termination) -> str:
    """Without an event, infer the probe from the warnings and the duration of the run."""
    warned = {event.message.split()[0].lower() for event in container.events("Unhealthy") if event.message}
    if "startup" in warned and not container.started and mapping(container.spec, "startupProbe"):
        return "startup"
    if "liveness" in warned:
        return "liveness"
    # SIGKILL is sent after the grace period, so the run was longer by that time.
    grace = number(container.pod.obj, "spec", "terminationGracePeriodSeconds", default=30) if end.code == 137 else 0
    for probe in ("startup", "liveness"):
        spec = mapping(container.spec, f"{probe}Probe")
        if not spec or end.seconds is None:
            continue
        shortest = 0.8 * budget(spec) + grace
        longest = budget(spec) + grace + number(spec, "periodSeconds", default=10) + SLACK.seconds
        if end.seconds >= shortest and (probe == "liveness" or end.seconds <= longest):
            return probe
    return ""


def budget(probe: object) -> float:
    """Seconds until a probe that never succeeds reaches its failure threshold."""
    period, threshold = number(probe, "periodSeconds", default=10), number(probe, "failureThreshold", default=3)
    return (
        number(probe, "initialDelaySeconds")
        + period * max(threshold - 1, 0)
        + number(probe, "timeoutSeconds", default=1)
    )
