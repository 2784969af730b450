"""The commands that a finding recommends."""

from k8s.doctor.containers import Container
from k8s.doctor.fields import listed, text
from k8s.doctor.pods import Pod
from k8s.doctor.workloads import Workload


def describe(workload: Workload, ref: str) -> str:
    return f"kubectl describe {ref}{workload.flag}"


def logs(workload: Workload, container: Container, *, previous: bool = False) -> str:
    choice = "" if container.pod.single else f" -c {container.name}"
    return f"kubectl logs {container.pod.ref}{choice}{workload.flag}{' --previous' if previous else ''}"


def events(workload: Workload, pod: Pod) -> str:
    return f"kubectl events --for {pod.ref}{workload.flag}"


def edit(workload: Workload, why: str) -> str:
    """The workload's own definition has to change; a pod that nothing controls has to be made anew."""
    maker = _unread_maker(workload)
    if (workload.kind != "Pod" or maker) and why.startswith(("spec.containers", "spec.initContainers")):
        why = f"spec.template.{why}"
    if maker:
        how = f"kubectl edit {maker}{workload.flag}"
    elif workload.kind in ("Pod", "Job"):
        how = f"kubectl replace --force -f <manifest of {workload.ref}>{workload.flag}"
    else:
        how = f"kubectl edit {workload.ref}{workload.flag}"
    return f"{how}   # {why}"


def _unread_maker(workload: Workload) -> str:
    """What a pod was made by, when that was not read: of a ReplicaSet, most likely its Deployment."""
    owner = next(iter(listed(workload.obj, "metadata", "ownerReferences")), {}) if workload.kind == "Pod" else {}
    name, hash_ = text(owner, "name"), text(workload.labels, "pod-template-hash")
    if not name or text(owner, "kind") == "Job":
        return ""
    return f"deployment/{name.removesuffix(f'-{hash_}')}" if hash_ else f"{text(owner, 'kind').lower()}/{name}"


def back(workload: Workload, pod: Pod, otherwise: str) -> tuple[str, ...]:
    """Back to the revision before, when the fault came with the newest one; else what mends it for good."""
    if workload.kind in ("Deployment", "StatefulSet", "DaemonSet") and workload.has_older_revision and not pod.old:
        return (f"kubectl rollout undo {workload.ref}{workload.flag}", otherwise)
    return (otherwise,)


def set_image(workload: Workload, container: Container, image: str) -> str:
    if workload.kind in ("Job", "Pod") or container.init:
        return edit(workload, f"{container.spec_path}.image: {image}")
    return f"kubectl set image {workload.ref} {container.name}={image}{workload.flag}"
