"""Containers ended by the OOM killer, and by SIGKILL or SIGTERM without another explanation."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.ends import RECENT, killed_by_probe, relevant_end
from k8s.doctor.families.starts import failed_hook
from k8s.doctor.fields import text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Confidence, Evidence, Finding
from k8s.doctor.logs import find, last_words
from k8s.doctor.pods import Container
from k8s.doctor.terminations import Termination
from k8s.doctor.workloads import Workload

WORKER_KILLED = r"was sent SIGKILL! Perhaps out of memory|Worker .* \(?SIGKILL"


def diagnose(workload: Workload) -> Iterator[Finding]:
    for container in workload.alive_containers:
        end = relevant_end(container)
        if end and end.reason == "OOMKilled":
            yield _killed(workload, container, end)
        elif end and end.code in (137, 143) and not killed_by_probe(container) and not failed_hook(container):
            yield _by_whom(workload, container, end)
        elif not end and (line := find(container.recent_lines(), WORKER_KILLED)):
            sentence = f"A worker process of {container.described} is killed, most likely for its memory."
            yield _finding(workload, container, sentence, MEDIUM, (Evidence(container.pod.ref, "log", line),))


def _killed(workload: Workload, container: Container, end: Termination) -> Finding:
    limit = text(container.spec, "resources", "limits", "memory")
    beyond = f"its memory limit of {limit}" if limit else "the memory that the node has"
    soon = end.seconds is not None and end.seconds < 10
    ran = f" {end.seconds:.0f} s after its start" if end.seconds is not None else ""
    sentence = f"The {container.described} needs more than {beyond} and is killed{ran}."
    evidence = [
        Evidence(
            container.pod.ref,
            f"{container.status_path}.{end.state}.terminated",
            f"reason OOMKilled, exit code {end.code}{', at once' if soon else ''}; {container.restarts} restarts",
        ),
        Evidence(container.pod.ref, f"{container.spec_path}.resources.limits.memory", limit or "(none)"),
    ]
    return _finding(workload, container, sentence, HIGH, tuple(evidence))


def _by_whom(workload: Workload, container: Container, end: Termination) -> Finding:
    """Without a failed probe or OOMKilled, look at the log of a worker and the node's events."""
    pod, lines = container.pod, container.lines()
    evidence = [
        Evidence(
            pod.ref,
            f"{container.status_path} terminated",
            f"exit code {end.code}, reason {end.reason}; {container.restarts} restarts",
        )
    ]
    on_node = [e for e in pod.cluster.events if e.kind == "Node" and e.reason in ("SystemOOM", "OOMKilling")]
    ours = [e for e in on_node if e.name == pod.node]
    if line := find(lines, WORKER_KILLED):
        evidence.append(Evidence(pod.ref, "log", line))
    for event in ours[-1:]:
        evidence.append(Evidence(f"node/{event.name}", f"event {event.reason}", event.message))
    if line or ours:
        sentence = f"The {container.described} is killed, most likely because its memory runs out."
        return _finding(workload, container, sentence, MEDIUM, tuple(evidence))
    if words := last_words(lines):
        evidence.append(Evidence(pod.ref, "log", words))
    signal = "SIGKILL" if end.code == 137 else "SIGTERM"
    recent = (pod.cluster.seconds_since(end.finished) or 0) < RECENT
    return Finding(
        "killed",
        f"The {container.described} is ended by {signal} (exit code {end.code}), and nothing left says by whom.",
        MEDIUM if recent and end.code == 143 else LOW,
        tuple(evidence),
        next=(commands.events(workload, pod), commands.logs(workload, container, previous=True)),
        fix=(commands.edit(workload, "limits.memory and livenessProbe are the usual reasons"),),
        pods=(pod.name,),
        old=pod.old,
    )


def _finding(
    workload: Workload, container: Container, sentence: str, confidence: Confidence, evidence: tuple[Evidence, ...]
) -> Finding:
    more = _twice(text(container.spec, "resources", "limits", "memory"))
    if workload.kind in ("Deployment", "StatefulSet", "DaemonSet") and not container.init and more:
        command = f"kubectl set resources {workload.ref} -c {container.name} --limits=memory={more}{workload.flag}"
    else:
        command = commands.edit(workload, f"{container.spec_path}.resources.limits.memory: {more or 'set one'}")
    return Finding(
        "out-of-memory",
        sentence,
        confidence,
        evidence,
        next=(f"kubectl top {container.pod.ref} --containers{workload.flag}".replace("pod/", "pod "),),
        fix=(command,),
        pods=(container.pod.name,),
        old=container.pod.old,
    )


def _twice(limit: str) -> str:
    """``256Mi`` for ``128Mi``, as a first guess; empty without a limit."""
    match = re.fullmatch(r"(\d+)(\D*)", limit)
    return f"{2 * int(match[1])}{match[2]}" if match else ""
