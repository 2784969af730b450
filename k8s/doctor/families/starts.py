"""Containers whose process cannot be started, by the messages of runc, crun and docker."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.commands import ADVICE
from k8s.doctor.ends import relevant_end
from k8s.doctor.events import Event
from k8s.doctor.fields import strings
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.pods import Container
from k8s.doctor.workloads import Workload

TEXTS = (
    ("image-wrong-platform", r"exec format error|does not match the (?:specified|detected host) platform"),
    ("out-of-memory", r"OOM-killed|memory limit too low|cannot allocate memory"),
    (
        "executable-not-found",
        r"executable file (?:[`'\"]?\S+[`'\"]? )?not found|exec:? .*no such file or directory|stat \S+: no such file"
        r"|no command specified|open executable: no such file",
    ),
    ("executable-not-runnable", r"exec.*(?:permission denied|is a directory)|open executable: permission denied"),
    ("file-system-read-only", r"read-only file system"),
)
_NAMED = re.compile(r'exec(?:utable file)?:? [`"\']?([^"`\':\s]+)|stat (\S+):')


def diagnose(workload: Workload) -> Iterator[Finding]:
    for container in workload.alive_containers:
        end = relevant_end(container)
        if end and (hook := failed_hook(container)):
            yield _hook(workload, container, hook)
        elif container.waiting == "RunContainerError" or (end and never_ran(end.code, end.reason)):
            yield _explain(workload, container)


def failed_hook(container: Container) -> Event | None:
    """The event of a failed postStart hook."""
    return next(iter(container.events("FailedPostStartHook")[-1:]), None)


def _hook(workload: Workload, container: Container, event: Event) -> Finding:
    pod, path = container.pod, f"{container.spec_path}.lifecycle.postStart"
    command = " ".join(strings(container.spec, "lifecycle", "postStart", "exec", "command"))
    return Finding(
        "container-start-failed",
        f"The postStart hook of {container.described} fails, so the kubelet ends it again.",
        HIGH,
        (
            Evidence(pod.ref, event.field, event.message),
            Evidence(pod.ref, path, command or "(no command)"),
        ),
        next=(commands.describe(workload, pod.ref),),
        fix=commands.back(workload, pod, commands.edit(workload, f"{path}: a command that ends with 0")),
        pods=(pod.name,),
        old=pod.old,
    )


def never_ran(code: int, reason: str) -> bool:
    """Whether the process was never started: ``StartError`` 128 of containerd and CRI-O, or ``ContainerCannotRun``."""
    return reason in ("StartError", "ContainerCannotRun", "RunContainerError") or (code == 128 and reason != "Error")


def start_cause(message: str) -> str:
    """The cause named by the message of a failed start, or an empty string."""
    return next((cause for cause, pattern in TEXTS if re.search(pattern, message, re.IGNORECASE | re.DOTALL)), "")


def _explain(workload: Workload, container: Container) -> Finding:
    pod, end = container.pod, container.end
    message, place = container.waiting_message, f"{container.status_path}.state.waiting.message"
    if container.waiting != "RunContainerError" or not start_cause(message):
        for event in container.events("Failed"):
            message, place = event.message.removeprefix("Error: "), event.field
    if end and start_cause(end.message):
        message, place = end.message, f"{container.status_path}.{end.state}.terminated.message"
    evidence = [Evidence(pod.ref, place, message)]
    if end:
        evidence.append(Evidence(pod.ref, "exit code", f"{end.code} {end.reason}, {container.restarts} restarts"))
    if command := [*strings(container.spec, "command"), *strings(container.spec, "args")]:
        evidence.append(Evidence(pod.ref, f"{container.spec_path}.command, args", " ".join(command)))
    cause = start_cause(message) or ("executable-not-found" if end and end.code == 127 else "container-start-failed")
    return Finding(
        cause,
        start_sentence(cause, container, message),
        HIGH if start_cause(message) else MEDIUM,
        tuple(evidence),
        next=(commands.describe(workload, pod.ref),),
        fix=start_fix(cause, workload, container),
        pods=(pod.name,),
        old=pod.old,
    )


def start_sentence(cause: str, container: Container, message: str) -> str:
    match = _NAMED.search(message)
    program = (match[1] or match[2]) if match else " ".join(strings(container.spec, "command")[:1])
    subject = f"{program} of {container.described}" if program else f"for the first process of {container.described}"
    match cause:
        case "executable-not-found":
            if "no command specified" in message:
                return f"Neither the image nor the pod says which program {container.described} is to start."
            return f"There is no executable {subject} in the image, so nothing is ever started."
        case "executable-not-runnable":
            return f"The executable {subject} is there but may not be executed."
        case "image-wrong-platform":
            return (
                f"The image {container.image} of {container.described} is built for another platform than the node's."
            )
        case "out-of-memory":
            return f"The memory limit of {container.described} is too low even to start its first process."
        case "file-system-read-only":
            return f"A file or folder has to be made in the read-only root file system of {container.described}."
    return f"The runtime can't start {container.described}: {message or container.waiting}."


def start_fix(cause: str, workload: Workload, container: Container) -> tuple[str, ...]:
    return commands.back(workload, container.pod, commands.edit(workload, f"{container.spec_path}: {ADVICE[cause]}"))
