"""Finds the failing probe of a container, if it has failed for longer than a start takes."""

import re
from dataclasses import dataclass
from datetime import datetime

from k8s.doctor.ends import budget, killed_by_probe, relevant_end
from k8s.doctor.events import Event
from k8s.doctor.fields import Json, field, mapping, number, text, when
from k8s.doctor.pods import Container

PATIENCE = 45.0
"""Seconds after the start for which an unready container is not reported."""
FLAPPING = 120.0
"""Seconds for which probe failures of a ready container are reported."""

NO_PORT = re.compile(
    r"parsing \"([^\"]*)\": invalid syntax|port (\S+) not found|invalid port number|couldn't find port"
)
"""Messages of the kubelet if the container has no port with the probe's name."""
_ANSWERED = re.compile(
    r"HTTP response to HTTPS|malformed HTTP|first record does not look like|executable file not found"
)
_STATUS = re.compile(r"statuscode: (\d{3})")


@dataclass(frozen=True)
class Failing:
    """A failing probe."""

    container: Container
    kind: str
    """``startup``, ``readiness`` or ``liveness``."""
    spec: Json
    event: Event | None
    kills: bool
    """Whether it makes the kubelet restart the container."""

    @property
    def message(self) -> str:
        return self.event.message.partition(": ")[2] or self.event.message if self.event else ""

    @property
    def status(self) -> str:
        found = _STATUS.search(self.message)
        return found[1] if found else ""

    @property
    def path(self) -> str:
        return f"{self.container.spec_path}.{self.kind}Probe"

    @property
    def port(self) -> int | str | None:
        for way in ("httpGet", "tcpSocket", "grpc"):
            if (port := field(self.spec, way, "port")) is not None:
                return port if isinstance(port, int | str) else None
        return None

    @property
    def asks(self) -> str:
        """A short description of its request."""
        if http := mapping(self.spec, "httpGet"):
            return f"GET {text(http, 'path') or '/'} on port {self.port}"
        if self.port is not None:
            return f"a connection to port {self.port}"
        return "a command in the container" if mapping(self.spec, "exec") else "a question"

    @property
    def answered(self) -> bool:
        """Whether it got a response without a status code, which rules out a slow application."""
        return bool(_ANSWERED.search(self.message))

    @property
    def rhythm(self) -> str:
        return (
            f"every {number(self.spec, 'periodSeconds', default=10)} s, "
            f"timeout {number(self.spec, 'timeoutSeconds', default=1)} s, "
            f"{number(self.spec, 'failureThreshold', default=3)} failures in a row"
        )


def find_failing(container: Container, *, stalled: bool) -> Failing | None:
    """The failing probe of the container; ``None`` if there is none, or if it may still succeed."""
    if killer := killed_by_probe(container):
        return _of(container, killer, kills=True)
    if relevant_end(container) or not container.running:
        return None
    if container.ready:
        return _flapping(container)
    kind = "startup" if mapping(container.spec, "startupProbe") and not container.started else "readiness"
    failing = _of(container, kind, kills=False)
    return failing if (stalled or _too_long(failing)) and (failing.spec or failing.event) else None


def _of(container: Container, kind: str, *, kills: bool) -> Failing:
    events = [e for e in container.events("Unhealthy", "ProbeWarning") if e.message.lower().startswith(kind)]
    return Failing(container, kind, mapping(container.spec, f"{kind}Probe"), events[-1] if events else None, kills)


def _flapping(container: Container) -> Failing | None:
    became = when(container.pod.condition("Ready"), "lastTransitionTime")
    for event in reversed(container.events("Unhealthy")):
        kind, ago = event.message.partition(" ")[0].lower(), container.pod.cluster.seconds_since(event.last)
        of_start = not _later(event.last, became, 0) and not _later(event.first, container.since, PATIENCE)
        if kind != "startup" and ago is not None and ago < FLAPPING and event.count > 2 and not of_start:
            return _of(container, kind, kills=False)
    return None


def _later(moment: datetime | None, than: datetime | None, seconds: float) -> bool:
    return moment is None or than is None or (moment - than).total_seconds() > seconds


def _too_long(failing: Failing) -> bool:
    """Whether it has failed for longer than a start takes. Permanent failures are reported earlier."""
    container = failing.container
    running = container.pod.cluster.seconds_since(container.since)
    if running is None:
        return True
    hopeless = failing.status.startswith(("3", "4")) or failing.answered or NO_PORT.search(failing.message)
    if hopeless and failing.event and failing.event.count > number(failing.spec, "failureThreshold", default=3):
        return True
    if failing.kind == "startup":
        return running > budget(failing.spec) + PATIENCE
    became = when(container.pod.condition("Ready"), "lastTransitionTime")
    unready = container.pod.cluster.seconds_since(became)
    lately = unready is not None and unready < running - PATIENCE and unready < budget(failing.spec)
    return running > budget(failing.spec) + PATIENCE and not lately
