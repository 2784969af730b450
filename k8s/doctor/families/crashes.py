"""Containers that exit by themselves, and running ones that cannot write to their file system."""

from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.commands import ADVICE
from k8s.doctor.ends import killed_by_probe, relevant_end
from k8s.doctor.families.exits import READ_ONLY, explained
from k8s.doctor.families.starts import failed_hook, never_ran, start_sentence
from k8s.doctor.fields import true
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.logs import find
from k8s.doctor.pods import Container
from k8s.doctor.terminations import Termination
from k8s.doctor.workloads import Workload

SIGNALS = {129: "SIGHUP", 130: "SIGINT", 132: "SIGILL", 134: "SIGABRT", 135: "SIGBUS", 136: "SIGFPE", 139: "SIGSEGV"}


def diagnose(workload: Workload) -> Iterator[Finding]:
    for container in workload.alive_containers:
        end = relevant_end(container)
        if end is None and (line := _hindered(container)):
            yield _unready(workload, container, line)
        if end is None or end.reason == "OOMKilled" or never_ran(end.code, end.reason) or failed_hook(container):
            continue
        if not killed_by_probe(container) and end.code not in (137, 143):
            yield _explain(workload, container, end)


def _hindered(container: Container) -> str:
    """The log line of a running, unready container about a read-only file system."""
    up = container.running and not container.ready
    return find(container.recent_lines(), READ_ONLY) if up else ""


def _unready(workload: Workload, container: Container, line: str) -> Finding:
    pod, path = container.pod, f"{container.spec_path}.securityContext.readOnlyRootFilesystem"
    read_only = true(container.spec, "securityContext", "readOnlyRootFilesystem")
    return Finding(
        "file-system-read-only",
        f"The {container.described} runs, but is not ready, and writes where its file system is read-only: {line}",
        HIGH if read_only else MEDIUM,
        (
            Evidence(pod.ref, "log", line),
            Evidence(pod.ref, path, "true" if read_only else "(not set)"),
            Evidence(pod.ref, f"{container.status_path}.ready", "false, though it runs"),
        ),
        next=(commands.logs(workload, container),),
        fix=commands.back(workload, pod, commands.edit(workload, ADVICE["file-system-read-only"])),
        pods=(pod.name,),
        old=pod.old,
    )


def _explain(workload: Workload, container: Container, end: Termination) -> Finding:
    pod, lines = container.pod, container.lines()
    cause, line, confidence = explained(container, end, lines)
    evidence = [Evidence(pod.ref, f"{container.status_path}.{end.state}.terminated", _ended(container, end))]
    if container.waiting:
        evidence.append(Evidence(pod.ref, f"{container.status_path}.state.waiting.reason", container.waiting))
    if line:
        evidence.append(Evidence(pod.ref, "log", line))
    if end.message:
        evidence.append(
            Evidence(pod.ref, f"{container.status_path}.{end.state}.terminated.message", end.message.strip()[-300:])
        )
    if not lines:
        evidence.append(Evidence(pod.ref, "log", "(empty, or not read)"))
    if not container.waiting and container.ready and confidence is HIGH:
        confidence = MEDIUM  # it is up again
    return Finding(
        cause,
        _sentence(cause, container, end, line),
        confidence,
        tuple(evidence),
        next=(commands.logs(workload, container, previous=container.restarts > 0),),
        fix=commands.back(workload, pod, commands.edit(workload, ADVICE[cause])),
        pods=(pod.name,),
        old=pod.old,
    )


def _ended(container: Container, end: Termination) -> str:
    ran = f" after {end.seconds:.0f} s" if end.seconds is not None else ""
    return f"exit code {end.code}, reason {end.reason or 'none'}{ran}; {container.restarts} restarts"


def _sentence(cause: str, container: Container, end: Termination, line: str) -> str:
    who = container.described
    says = f": {line}" if line else ", and its log does not say why"
    match cause:
        case "container-completed":
            return f"The {who} ends by itself with exit code 0, but is expected to go on running."
        case "setting-refused":
            return f"The {who} refuses its configuration (exit code 78){says}"
        case "file-system-read-only":
            return f"The {who} writes where its file system is read-only{says}"
        case "model-damaged":
            return f"The model in {who} is damaged or wrong{says}"
        case "port-in-use":
            return f"The port that {who} wants to listen on is taken{says}"
        case "executable-not-found":
            return f"A program that {who} calls is not in the image (exit code {end.code}){says}"
        case "executable-not-runnable":
            return f"A program that {who} calls may not be executed (exit code {end.code}){says}"
        case "image-wrong-platform":
            return start_sentence(cause, container, line)
        case "gunicorn-app-not-loaded":
            return f"gunicorn in {who} can't load the application it is told to serve (exit code {end.code}){says}"
        case "command-line-refused":
            return f"The program in {who} does not understand its command line (exit code {end.code}){says}"
        case "out-of-memory":
            return f"The {who} runs out of memory{says}"
    signal = f", {SIGNALS[end.code]}" if end.code in SIGNALS else ""
    soon = f" after {end.seconds:.0f} s" if end.seconds else ""
    return f"The {who} ends by itself{soon} with exit code {end.code}{signal}{says}"
