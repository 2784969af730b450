"""Containers that cannot be created: missing configuration, or a user that is not allowed."""

import difflib
import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.families.starts import start_cause, start_fix, start_sentence
from k8s.doctor.fields import name
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.pods import Container
from k8s.doctor.workloads import Workload

WAITING = ("CreateContainerConfigError", "CreateContainerError", "PreCreateHookError", "PreStartHookError")

_ABSENT = re.compile(r'(configmaps?|secrets?) "([^"]+)" not found', re.IGNORECASE)
_KEY = re.compile(r"couldn't find key (\S+) in (ConfigMap|Secret) (?:[^/\s]+/)?(\S+)", re.IGNORECASE)
_USER = re.compile(r"runAsNonRoot|non-root|non-numeric user|run as root", re.IGNORECASE)


def diagnose(workload: Workload) -> Iterator[Finding]:
    for container in workload.alive_containers:
        if container.waiting in WAITING:
            yield _explain(workload, container, *_message(container))


def _message(container: Container) -> tuple[str, str]:
    """The kubelet's message and its place: the waiting message, or the event if that is empty or only a reason."""
    message = container.waiting_message
    if message and message != container.waiting:
        return message, f"{container.status_path}.state.waiting.message"
    for event in reversed(container.events("Failed")):
        return event.message.removeprefix("Error: "), event.field
    return message, f"{container.status_path}.state.waiting.message"


def _explain(workload: Workload, container: Container, message: str, place: str) -> Finding:
    pod = container.pod
    cause, sentence, fix = _cause(workload, container, message)
    return Finding(
        cause,
        sentence,
        MEDIUM if cause == "container-not-created" else HIGH,
        (
            Evidence(pod.ref, f"{container.status_path}.state.waiting.reason", container.waiting),
            Evidence(pod.ref, place, message),
        ),
        next=(commands.describe(workload, pod.ref),),
        fix=fix,
        pods=(pod.name,),
        old=pod.old,
    )


def _cause(workload: Workload, container: Container, message: str) -> tuple[str, str, tuple[str, ...]]:
    """Cause, sentence and fix."""
    pod = container.pod
    if match := _ABSENT.search(message):
        kind, absent = match[1].lower().removesuffix("s"), match[2]
        shown = "ConfigMap" if kind == "configmap" else "Secret"
        sentence = f"The {shown} {absent}, which {container.described} takes variables from, does not exist."
        return (
            "config-missing",
            sentence + nearest(workload, shown, absent),
            commands.back(workload, pod, create(workload, kind, absent)),
        )
    if match := _KEY.search(message):
        key, kind, holder = match.groups()
        sentence = f"The {kind} {holder} has no key {key}, which {container.described} takes a variable from."
        fix = f"kubectl edit {kind.lower()} {holder}{workload.flag}   # add {key}, or correct the reference to it"
        return "config-missing", sentence, commands.back(workload, pod, fix)
    if _USER.search(message):
        sentence = f"The pod demands runAsNonRoot, but the image of {container.described} runs as root, or as a name."
        if "breaks non-root policy" in message:
            sentence = f"The pod demands runAsNonRoot, and runAsUser 0 for {container.described}."
        fix = commands.edit(workload, "securityContext.runAsUser: 10001; better, a number as USER in the Dockerfile")
        return "user-not-numeric", sentence, commands.back(workload, pod, fix)
    if cause := start_cause(message):
        return cause, start_sentence(cause, container, message), start_fix(cause, workload, container)
    sentence = f"The {container.described} can't be created: {message or container.waiting}."
    return "container-not-created", sentence, commands.back(workload, pod, commands.edit(workload, "what it names"))


def create(workload: Workload, kind: str, absent: str) -> str:
    what = "configmap" if kind == "configmap" else "secret generic"
    return f"kubectl create {what} {absent} --from-literal=<key>=<value>{workload.flag}"


def nearest(workload: Workload, kind: str, absent: str) -> str:
    """A hint at a ConfigMap with a similar name; names of Secrets are never read."""
    there = [name(each) for each in workload.cluster.all(kind, workload.namespace)]
    close = difflib.get_close_matches(absent, there, n=1, cutoff=0.7)
    return f" There is one called {close[0]}." if close else ""
