"""Probes that fail: which one, what it asks, what it gets, and whether it asks in the wrong place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from k8s.doctor import commands
from k8s.doctor.ends import budget, killed_by_probe, relevant_end
from k8s.doctor.events import Event
from k8s.doctor.families import models, throttling
from k8s.doctor.fields import Json, condition, field, mapping, number, text, when
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Confidence, Evidence, Finding
from k8s.doctor.logs import find
from k8s.doctor.pods import Container, Pod
from k8s.doctor.workloads import Workload

PATIENCE = 45.0
"""Seconds after its start in which a container that is not ready yet is nothing to speak of."""
FLAPPING = 120.0
"""Seconds for which failures of a probe of a ready container still count."""

_LISTENS = re.compile(
    r"(?:Listening at: |Serving HTTP on \S+ port |listening on (?:port )?|Running on )\S*?:?(\d{2,5})\b", re.I
)
_REFUSED = re.compile(r"connection refused|connect: no route|connection reset")
_NO_PORT = re.compile(
    r"parsing \"([^\"]*)\": invalid syntax|port (\S+) not found|invalid port number|couldn't find port"
)
_ANSWERED = re.compile(
    r"HTTP response to HTTPS|malformed HTTP|first record does not look like|executable file not found"
)
"""An answer without a status code, but not one of something that is only slow."""
_ASKED = re.compile(r"dial tcp \S+:(\d+): ")
_LOCAL = re.compile(r"(?<=Serving HTTP on )127\S+|(?<=Listening at: http://)127[^:]+|(?<=Running on http://)127[^:]+")
_STATUS = re.compile(r"statuscode: (\d{3})")


@dataclass(frozen=True)
class Failing:
    """A probe of a container that fails, and what is known of its failures."""

    container: Container
    kind: str
    """``startup``, ``readiness`` or ``liveness``."""
    spec: Json
    event: Event | None
    kills: bool
    """It has the kubelet end the container again and again."""

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
        """What it does, in a few words."""
        if http := mapping(self.spec, "httpGet"):
            return f"GET {text(http, 'path') or '/'} on port {self.port}"
        if self.port is not None:
            return f"a connection to port {self.port}"
        return "a command in the container" if mapping(self.spec, "exec") else "a question"


def diagnose(workload: Workload) -> Iterator[Finding]:
    for pod in workload.alive:
        for container in pod.containers:
            if failing := _failing(container, stalled=workload.stalled and not pod.old):
                yield _explain(workload, failing)
        if gate := _gate(pod):
            yield Finding(
                "readiness-failing",
                f"The containers are ready, but the pod waits for its readiness gate {gate}.",
                MEDIUM,
                (Evidence(pod.ref, "status.conditions[Ready].message", text(condition(pod.obj, "Ready"), "message")),),
                next=(commands.describe(workload, pod.ref),),
                fix=(f"kubectl describe {pod.ref}{workload.flag}   # and see to whoever sets the condition {gate}",),
                pods=(pod.name,),
                old=pod.old,
            )


def _gate(pod: Pod) -> str:
    ready = condition(pod.obj, "Ready")
    stuck = text(ready, "reason") == "ReadinessGatesNotReady" and (pod.age or 0) > PATIENCE
    found = re.search(r'"([^"]+)"', text(ready, "message"))
    return (found[1] if found else "of its spec") if stuck else ""


def _failing(container: Container, *, stalled: bool) -> Failing | None:
    """The probe to blame for this container's state; ``None`` when none is, or when it may still pass."""
    if killer := killed_by_probe(container):
        return _of(container, killer, kills=True)
    if relevant_end(container) or not container.running or models.speaks(container):
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
    became = when(condition(container.pod.obj, "Ready"), "lastTransitionTime")
    for event in reversed(container.events("Unhealthy")):
        kind, ago = event.message.partition(" ")[0].lower(), container.pod.cluster.seconds_since(event.last)
        of_start = not _later(event.last, became, 0) and not _later(event.first, container.since, PATIENCE)
        if kind != "startup" and ago is not None and ago < FLAPPING and event.count > 2 and not of_start:
            return _of(container, kind, kills=False)
    return None


def _later(moment: datetime | None, than: datetime | None, seconds: float) -> bool:
    return moment is None or than is None or (moment - than).total_seconds() > seconds


def _too_long(failing: Failing) -> bool:
    """Whether it has failed for longer than a start takes: what never heals is told sooner."""
    container = failing.container
    running = container.pod.cluster.seconds_since(container.since)
    if running is None:
        return True
    answered = failing.status.startswith(("3", "4")) or _ANSWERED.search(failing.message)
    hopeless = answered or _NO_PORT.search(failing.message)
    if hopeless and failing.event and failing.event.count > number(failing.spec, "failureThreshold", default=3):
        return True
    if failing.kind == "startup":
        return running > budget(failing.spec) + PATIENCE
    became = when(condition(container.pod.obj, "Ready"), "lastTransitionTime")
    unready = container.pod.cluster.seconds_since(became)
    lately = unready is not None and unready < running - PATIENCE and unready < budget(failing.spec)
    return running > budget(failing.spec) + PATIENCE and not lately


def _explain(workload: Workload, failing: Failing) -> Finding:
    cause, sentence, confidence, fix = _cause(workload, failing)
    container, event = failing.container, failing.event
    pod = container.pod
    evidence = []
    if event:
        last = f", the last at {event.last:%H:%M:%S}" if event.last else ""
        evidence.append(Evidence(pod.ref, f"event {event.reason}, {event.count} times{last}", event.message))
    for killed in container.events("Killing")[-1:] if failing.kills else []:
        evidence.append(Evidence(pod.ref, f"event Killing, {killed.count} times", killed.message))
    end = relevant_end(container)
    if failing.kills and end:
        ended = f"exit code {end.code}, reason {end.reason} (not OOMKilled); {container.restarts} restarts"
        evidence.append(Evidence(pod.ref, f"{container.status_path} terminated", ended))
    else:
        state = "true" if container.ready else f"false, {container.restarts} restarts"
        evidence.append(Evidence(pod.ref, f"{container.status_path}.ready", state))
    if failing.spec:
        evidence.append(Evidence(pod.ref, failing.path, f"{failing.asks}, {_rhythm(failing.spec)}"))
    evidence += (
        [Evidence(pod.ref, *each) for each in throttling.evidence(container)] if cause == "cpu-throttled" else []
    )
    if asked := _asked_in_log(failing):
        evidence.append(Evidence(pod.ref, "log", asked))
    return Finding(
        cause,
        sentence,
        confidence if event or not failing.kills else LOW,
        tuple(evidence),
        next=(commands.events(workload, pod), commands.logs(workload, container, previous=failing.kills)),
        fix=commands.back(workload, pod, fix),
        pods=(pod.name,),
        old=pod.old,
    )


def _cause(workload: Workload, failing: Failing) -> tuple[str, str, Confidence, str]:
    """Cause, sentence, confidence and fix."""
    container, kind, who = failing.container, failing.kind, failing.container.described
    elsewhere = _elsewhere(failing)
    why = (f": {failing.message}" if failing.message else "") + elsewhere
    if found := _wrong_port(failing):
        fix = commands.edit(workload, f"{failing.path}: the port that the application listens on")
        return "probe-port-wrong", f"The {kind} probe asks {who} on the wrong port: {found[0]}.", found[1], fix
    slow = throttling.suspected(container, timeout=bool(throttling.MISSED.search(failing.message)), probe=kind)
    if slow and not failing.status:
        fix = commands.edit(workload, f"{container.spec_path}.resources.limits.cpu: more, or none")
        sentence = f"The {who} is most likely too slow for its {kind} probe, because its CPU limit is {slow[0]}{why}."
        return "cpu-throttled", sentence, slow[1], fix
    if container.ready and not failing.kills:
        fix = commands.edit(workload, f"{failing.path}: timeoutSeconds, if it is only slow")
        return (
            "readiness-flapping",
            f"The {kind} probe of {who} fails again and again, though not for long{why}.",
            LOW,
            fix,
        )
    if kind == "startup":
        if failing.status or _ANSWERED.search(failing.message):
            fix = commands.edit(workload, f"{failing.path}: what answers with success")
            sentence = f"The startup probe of {who} gets an answer that never lets it start, from {failing.asks}{why}."
            return "startup-failing", sentence, HIGH, fix
        fix = commands.edit(workload, f"{failing.path}.failureThreshold: more, for a longer start")
        if elsewhere:
            fix = commands.edit(workload, f"{container.spec_path}: listen where the probe asks, on all addresses")
        sentence = f"The {who} does not come up within the {budget(failing.spec):.0f} s of its startup probe{why}."
        return "startup-too-slow", sentence, HIGH if failing.event and not elsewhere else MEDIUM, fix
    if kind == "liveness":
        fix = commands.edit(workload, f"{failing.path}: path, port and timeoutSeconds")
        sentence = f"The liveness probe of {who} fails, so the kubelet ends and restarts it again and again{why}."
        return "liveness-failing", sentence, HIGH if failing.event else LOW, fix
    fix = commands.edit(workload, f"{failing.path}: what it asks; or mend what it finds")
    confidence = HIGH if failing.event else MEDIUM
    return (
        "readiness-failing",
        f"The {who} runs, but its readiness probe fails, so it gets no requests{why}.",
        confidence,
        fix,
    )


def _wrong_port(failing: Failing) -> tuple[str, Confidence] | None:
    """Why the probe's port can't be right, if it can't."""
    container, port = failing.container, failing.port
    declared = {text(each, "name"): number(each, "containerPort") for each in container.ports}
    ports = ", ".join(f"{number} ({name})" if name else str(number) for name, number in declared.items())
    if isinstance(port, str) and not port.isdigit():
        if container.spec and port not in declared:
            return f"there is no port named {port}, only {ports or 'none at all'}", HIGH
        port = declared.get(port)
    if match := _NO_PORT.search(failing.message):
        return f"there is no port named {match[1] or match[2] or port}, only {ports or 'none at all'}", HIGH
    if not _REFUSED.search(failing.message) or port is None:
        return None
    port = int(port)
    listens = {int(found) for line in container.lines() for found in _LISTENS.findall(line)}
    if listens and port not in listens and port not in declared.values():
        return f"nothing listens on {port}; the log says it listens on {min(listens)}", HIGH
    if declared and port not in declared.values():
        return f"nothing listens on {port}; the container's ports are {ports}", HIGH if not listens else MEDIUM
    return None


def _elsewhere(failing: Failing) -> str:
    """A hint when nothing listens where the probe asks, and the log tells where the application does listen."""
    if not _REFUSED.search(failing.message):
        return ""
    asked = _ASKED.search(failing.message)
    for line in reversed(failing.container.lines()):
        if local := _LOCAL.search(line):
            return f"; its log says that it listens on {local[0]} only, where no probe gets"
        if asked and (listens := _LISTENS.search(line)) and listens[1] != asked[1]:
            return f"; its log says that it listens on port {listens[1]}"
    return ""


def _asked_in_log(failing: Failing) -> str:
    """The line in which the application logged what it answered the probe."""
    path = text(failing.spec, "httpGet", "path")
    if not path or not failing.status:
        return ""
    return find(
        failing.container.lines() or failing.container.recent_lines(), rf"{re.escape(path)}\b.*\b{failing.status}\b"
    )


def _rhythm(spec: Json) -> str:
    return (
        f"every {number(spec, 'periodSeconds', default=10)} s, timeout {number(spec, 'timeoutSeconds', default=1)} s, "
        f"{number(spec, 'failureThreshold', default=3)} failures in a row"
    )
