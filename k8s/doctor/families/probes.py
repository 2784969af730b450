"""Failing probes: which one, its request, its result, and whether its port is wrong."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.ends import budget, relevant_end
from k8s.doctor.families import models, throttling
from k8s.doctor.fields import text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Confidence, Evidence, Finding
from k8s.doctor.logs import find
from k8s.doctor.pods import Pod
from k8s.doctor.ports import elsewhere, wrong_port
from k8s.doctor.probing import PATIENCE, Failing, find_failing
from k8s.doctor.workloads import Workload


def diagnose(workload: Workload) -> Iterator[Finding]:
    for pod in workload.alive:
        for container in pod.containers:
            failing = find_failing(container, stalled=workload.stalled and not pod.old)
            if failing and (failing.kills or not models.speaks(container)):
                yield _explain(workload, failing)
        if gate := _gate(pod):
            yield Finding(
                "readiness-failing",
                f"The containers are ready, but the pod waits for its readiness gate {gate}.",
                MEDIUM,
                (Evidence(pod.ref, "status.conditions[Ready].message", text(pod.condition("Ready"), "message")),),
                next=(commands.describe(workload, pod.ref),),
                fix=(f"kubectl describe {pod.ref}{workload.flag}   # and see to whoever sets the condition {gate}",),
                pods=(pod.name,),
                old=pod.old,
            )


def _gate(pod: Pod) -> str:
    ready = pod.condition("Ready")
    stuck = text(ready, "reason") == "ReadinessGatesNotReady" and (pod.age or 0) > PATIENCE
    found = re.search(r'"([^"]+)"', text(ready, "message"))
    return (found[1] if found else "of its spec") if stuck else ""


def _explain(workload: Workload, failing: Failing) -> Finding:
    cause, sentence, confidence, fix = _cause(workload, failing)
    container, event = failing.container, failing.event
    pod = container.pod
    evidence = []
    if event:
        last = f", the last at {event.last:%H:%M:%S}" if event.last else ""
        evidence.append(Evidence(pod.ref, f"event {event.reason}, {event.count} times{last}", event.message))
    for killed in container.events("Killing")[-1:] if failing.kills else []:
        evidence.append(Evidence(pod.ref, killed.field, killed.message))
    end = relevant_end(container)
    if failing.kills and end:
        ended = f"exit code {end.code}, reason {end.reason} (not OOMKilled); {container.restarts} restarts"
        evidence.append(Evidence(pod.ref, f"{container.status_path} terminated", ended))
    else:
        state = "true" if container.ready else f"false, {container.restarts} restarts"
        evidence.append(Evidence(pod.ref, f"{container.status_path}.ready", state))
    if failing.spec:
        evidence.append(Evidence(pod.ref, failing.path, f"{failing.asks}, {failing.rhythm}"))
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
    hint = elsewhere(failing)
    why = (f": {failing.message}" if failing.message else "") + hint
    if found := wrong_port(failing):
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
        if failing.status or failing.answered:
            fix = commands.edit(workload, f"{failing.path}: what answers with success")
            sentence = f"The startup probe of {who} gets an answer that never lets it start, from {failing.asks}{why}."
            return "startup-failing", sentence, HIGH, fix
        fix = commands.edit(workload, f"{failing.path}.failureThreshold: more, for a longer start")
        if hint:
            fix = commands.edit(workload, f"{container.spec_path}: listen where the probe asks, on all addresses")
        sentence = f"The {who} does not come up within the {budget(failing.spec):.0f} s of its startup probe{why}."
        return "startup-too-slow", sentence, HIGH if failing.event and not hint else MEDIUM, fix
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


def _asked_in_log(failing: Failing) -> str:
    """The log line with the application's response to the probe."""
    path = text(failing.spec, "httpGet", "path")
    if not path or not failing.status:
        return ""
    return find(
        failing.container.lines() or failing.container.recent_lines(), rf"{re.escape(path)}\b.*\b{failing.status}\b"
    )
