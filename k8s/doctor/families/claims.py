"""PersistentVolumeClaims that are not bound, so a pod cannot be scheduled."""

import re
from collections.abc import Iterator

from k8s.doctor.fields import Json, listed, name, text
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.pods import Pod
from k8s.doctor.workloads import Workload

_CLAIM = re.compile(
    r'persistentvolumeclaim "([^"]+)" not found|unbound immediate PersistentVolumeClaims|unbound PersistentVol'
    r"|didn't find available persistent volumes to bind|persistentvolumeclaim \"[^\"]+\" (?:bound|is)|binding volumes: "
)


def speaks_of(message: str) -> bool:
    """Whether a scheduler message is about a claim."""
    return bool(_CLAIM.search(message))


def explain(workload: Workload, pod: Pod, message: str, evidence: list[Evidence]) -> Finding:
    """The finding for a missing claim, or else for claims that are not known to be bound."""
    match = _CLAIM.search(message)
    absent = (match[1] if match else "") or ""
    pending = [] if absent else [each for each in _claims(pod) if text(_read(pod, each), "status", "phase") != "Bound"]
    sure = bool(absent) or len(pending) == 1 or any(_read(pod, each) for each in pending)
    if absent:
        what = f"The PersistentVolumeClaim {absent} does not exist"
        fix = f"kubectl apply -f <manifest of the PersistentVolumeClaim {absent}>{workload.flag}"
    else:
        names = " or ".join(pending) or "of the pod"
        why = "".join(_no_class(pod, _read(pod, each)) for each in pending)
        what = f"The PersistentVolumeClaim {names} is not bound to a volume{why}"
        fix = f"kubectl describe persistentvolumeclaim {' '.join(pending)}{workload.flag}   # then its storage class"
    return Finding(
        "volume-claim-pending",
        f"{what}, so the pod finds no node.",
        HIGH if sure else MEDIUM,
        (*evidence, *(each for claim in pending for each in _evidence(pod, claim))),
        next=(f"kubectl get persistentvolumeclaims{workload.flag}",),
        fix=(fix,),
        pods=(pod.name,),
        old=pod.old,
    )


def _claims(pod: Pod) -> list[str]:
    """Names of the claims that the pod mounts."""
    names = (text(each, "persistentVolumeClaim", "claimName") for each in listed(pod.obj, "spec", "volumes"))
    return [each for each in names if each]


def _read(pod: Pod, claim: str) -> Json:
    return pod.cluster.get("PersistentVolumeClaim", pod.namespace, claim)


def _no_class(pod: Pod, claim: Json) -> str:
    wants = text(claim, "spec", "storageClassName")
    absent = wants and pod.cluster.knows("StorageClass") and not pod.cluster.get("StorageClass", None, wants)
    return f" (its storage class {wants} does not exist)" if absent else ""


def _evidence(pod: Pod, claim: str) -> Iterator[Evidence]:
    if found := _read(pod, claim):
        yield Evidence(f"persistentvolumeclaim/{claim}", "status.phase", text(found, "status", "phase"))
        for event in pod.cluster.events_of(found)[-1:]:
            yield Evidence(f"persistentvolumeclaim/{name(found)}", event.field, event.message)
