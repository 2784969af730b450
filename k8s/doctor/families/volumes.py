"""Pods in ContainerCreating: volumes that cannot be mounted, and sandboxes without a network."""

import re
from collections.abc import Iterator

from k8s.doctor import commands
from k8s.doctor.families.config import create, nearest
from k8s.doctor.fields import Json, field, listed, mapping, text, true
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.pods import Pod
from k8s.doctor.workloads import Workload

_ABSENT = re.compile(
    r'(configmap|secret)s? "([^"]+)" (?:not found|is forbidden)|object "[^"/]+"/"([^"]+)" not registered'
)
_KEY = re.compile(r"references non-existent (config|secret) key: (\S+)")
_VOLUME = re.compile(r'for volume "([^"]+)"|unmounted volumes=\[([^\]\s]+)')


def diagnose(workload: Workload) -> Iterator[Finding]:
    for pod in workload.alive:
        if pod.node and _creating(pod) and (found := _explain(workload, pod)):
            yield found


def _creating(pod: Pod) -> bool:
    waits = [each.waiting for each in pod.containers]
    if any(each in ("ContainerCreating", "PodInitializing") for each in waits):
        return text(pod.condition("PodReadyToStartContainers"), "status") != "True"
    return pod.phase == "Pending" and not any(waits) and not any(each.end or each.running for each in pod.containers)


def _explain(workload: Workload, pod: Pod) -> Finding | None:
    telling = [
        e for e in pod.events("FailedMount", "FailedAttachVolume", "FailedMapVolume") if "SetUp failed" in e.message
    ]
    for event in reversed(telling or pod.events("FailedMount", "FailedAttachVolume", "FailedMapVolume")):
        place = Evidence(pod.ref, event.field, event.message)
        volume = _volume(pod, event.message)
        cause, sentence, fix = _cause(workload, pod, event.message, volume)
        evidence = (
            place,
            *([Evidence(pod.ref, f"spec.volumes[{text(volume, 'name')}]", _source(volume))] if volume else []),
        )
        return _finding(workload, pod, cause, sentence, evidence, fix, absent=cause == "volume-config-missing")
    for event in reversed(pod.events("FailedCreatePodSandBox", "NetworkNotReady")):
        evidence = (Evidence(pod.ref, event.field, event.message),)
        sentence = "The node can't set up the pod's sandbox or its network, so no container is started."
        return _finding(
            workload, pod, "sandbox-not-created", sentence, evidence, "kubectl get pods -n kube-system -o wide"
        )
    return _unreported(workload, pod)


def _cause(workload: Workload, pod: Pod, message: str, volume: Json) -> tuple[str, str, str]:
    """Cause, sentence and fix."""
    where = f"the volume {text(volume, 'name')}" if volume else "a volume"
    if match := _ABSENT.search(message):
        kind, absent = match[1], match[2] or match[3]
        kind = kind or ("secret" if field(volume, "secret") is not None else "configmap")
        shown = "ConfigMap" if kind == "configmap" else "Secret"
        sentence = f"The {shown} {absent}, which {where} is made of, does not exist."
        return "volume-config-missing", sentence + nearest(workload, shown, absent), create(workload, kind, absent)
    if match := _KEY.search(message):
        shown = "ConfigMap" if match[1] == "config" else "Secret"
        holder = text(volume, "configMap", "name") or text(volume, "secret", "secretName")
        sentence = f"The {shown} {holder} has no key {match[2]}, which {where} takes as a file."
        return (
            "volume-config-missing",
            sentence,
            f"kubectl edit {shown.lower()} {holder}{workload.flag}   # add {match[2]}",
        )
    reason = "it is attached to another node" if "Multi-Attach" in message else message.rpartition(" : ")[2] or message
    return "volume-not-mounted", f"The node can't mount {where}: {reason}.", commands.describe(workload, pod.ref)


def _volume(pod: Pod, message: str) -> Json:
    match = _VOLUME.search(message)
    wanted = (match[1] or match[2]) if match else ""
    return next((each for each in listed(pod.obj, "spec", "volumes") if text(each, "name") == wanted), {})


def _source(volume: Json) -> str:
    kind = next((key for key in volume if key != "name"), "")
    name = text(volume, kind, "name") or text(volume, kind, "secretName") or text(volume, kind, "claimName")
    return f"{kind} {name}".strip()


def _unreported(workload: Workload, pod: Pod) -> Finding | None:
    """A missing ConfigMap without events, if the existing ConfigMaps were read."""
    if not pod.cluster.knows("ConfigMap"):
        return None
    for volume in listed(pod.obj, "spec", "volumes"):
        for source in [
            mapping(volume, "configMap"),
            *(mapping(e, "configMap") for e in listed(volume, "projected", "sources")),
        ]:
            absent = text(source, "name")
            expected = absent not in ("", "kube-root-ca.crt") and not true(source, "optional")
            if expected and not pod.cluster.get("ConfigMap", pod.namespace, absent):
                sentence = (
                    f"The ConfigMap {absent}, which the volume {text(volume, 'name')} is made of, does not exist."
                )
                evidence = (Evidence(pod.ref, f"spec.volumes[{text(volume, 'name')}].configMap.name", absent),)
                fix = create(workload, "configmap", absent)
                sentence += nearest(workload, "ConfigMap", absent)
                return _finding(workload, pod, "volume-config-missing", sentence, evidence, fix, absent=True)
    return None


def _finding(
    workload: Workload,
    pod: Pod,
    cause: str,
    sentence: str,
    evidence: tuple[Evidence, ...],
    fix: str,
    *,
    absent: bool = False,
) -> Finding:
    waits = dict.fromkeys(each.waiting for each in pod.containers if each.waiting)
    state = Evidence(pod.ref, "status.containerStatuses[].state.waiting.reason", ", ".join(waits) or "(no status yet)")
    return Finding(
        cause,
        sentence,
        HIGH if absent else MEDIUM,
        (*evidence, state),
        next=(commands.describe(workload, pod.ref),),
        fix=commands.back(workload, pod, fix),
        pods=(pod.name,),
        old=pod.old,
    )
