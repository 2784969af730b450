"""Pods that were evicted or rejected by their node. They remain as Failed and are replaced."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.fields import text, when
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.pods import Pod
from k8s.doctor.workloads import Workload

RECENT = 60 * 60.0
"""Seconds for which an eviction is reported if the workload is healthy again."""

_TURNED_AWAY = re.compile(
    r"OutOf|NodeAffinity|NodePorts|UnexpectedAdmissionError|PodLevel|Rejected|NodeName|InvalidNode|AppArmor"
    r"|SysctlForbidden|PodOSNotSupported|TopologyAffinityError|PodFeatureUnsupported"
)
_STORAGE = re.compile(
    r"EmptyDir volume \"([^\"]+)\" exceeds the limit \"([^\"]+)\"|local (?:ephemeral )?storage (?:usage|limit)"
)
_SHORT_OF = re.compile(r"low on resource: (\S+?)\.")


def diagnose(workload: Workload) -> Iterator[Finding]:
    for pod in workload.pods:
        if pod.phase != "Failed" or pod.old:
            continue
        disrupted = pod.condition("DisruptionTarget")
        reason = pod.reason or text(disrupted, "reason")
        if reason in (
            "Evicted",
            "Preempting",
            "TerminationByKubelet",
            "PreemptionByScheduler",
            "EvictionByEvictionAPI",
        ):
            if _counts(workload, pod):
                yield _evicted(workload, pod)
        elif (
            _TURNED_AWAY.match(reason) or text(pod.obj, "status", "message").startswith("Pod was rejected")
        ) and _counts(workload, pod):
            yield _turned_away(workload, pod)


def _counts(workload: Workload, pod: Pod) -> bool:
    ended = when(pod.condition("Ready"), "lastTransitionTime")
    ends = [ended, *(each.end.finished for each in pod.containers if each.end)]
    ago = [since for since in map(pod.cluster.seconds_since, ends) if since is not None]
    return len(workload.serving) < workload.desired or not ago or min(ago) < RECENT


def _evicted(workload: Workload, pod: Pod) -> Finding:
    event = next((e for e in pod.events("Evicted", "Preempting", "Preempted")[-1:]), None)
    message = text(pod.obj, "status", "message") or text(pod.condition("DisruptionTarget"), "message")
    message = message or (event.message if event else "")
    evidence = [Evidence(pod.ref, "status.reason, message", f"{pod.reason or 'Failed'}: {message.strip()}")]
    if event:
        evidence.append(Evidence(pod.ref, f"event {event.reason}", event.message))
    others = [each for each in workload.pods if each.phase == "Failed"]
    evidence.append(
        Evidence(workload.ref, "pods", f"{len(others)} Failed, {len(workload.serving)} of {workload.desired} serve")
    )
    return Finding(
        "evicted",
        _why(message),
        HIGH,
        tuple(evidence),
        next=(commands.describe(workload, pod.ref), *(["kubectl describe node " + pod.node] if pod.node else [])),
        fix=(
            commands.edit(workload, _advice(message)),
            f"kubectl delete pods --field-selector status.phase=Failed{workload.flag}   # only the remains",
        ),
        pods=(pod.name,),
    )


def _why(message: str) -> str:
    if match := _STORAGE.search(message):
        what = (
            f"their emptyDir {match[1]} holds more than {match[2]}"
            if match[1]
            else "they fill more disk than their limits.ephemeral-storage"
        )
        return f"The node evicts pods of the workload: {what}."
    if match := _SHORT_OF.search(message):
        return f"A pod was evicted, because its node is short of {match[1]}."
    return f"A pod was evicted from its node: {message.strip().rstrip('.') or 'no reason given'}."


def _advice(message: str) -> str:
    if "EmptyDir" in message:
        return "the emptyDir's sizeLimit, or what writes into it"
    if _STORAGE.search(message):
        return "resources.limits.ephemeral-storage, or what writes to the disk"
    return "resources.requests near to what it uses: those far above theirs go first"


def _turned_away(workload: Workload, pod: Pod) -> Finding:
    message = text(pod.obj, "status", "message")
    return Finding(
        "pod-rejected-by-node",
        f"The node turns the pod away ({pod.reason}): {message}",
        HIGH if message else MEDIUM,
        (Evidence(pod.ref, "status.reason, message", f"{pod.reason}: {message}"),),
        next=(f"kubectl describe node {pod.node}",),
        fix=(commands.edit(workload, "what the node lacks: resources.requests, nodeSelector, hostPort"),),
        pods=(pod.name,),
    )
