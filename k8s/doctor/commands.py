"""The commands that a finding recommends."""

from collections.abc import Mapping

from k8s.doctor.fields import listed, text
from k8s.doctor.pods import Container, Pod
from k8s.doctor.workloads import Workload

ADVICE: Mapping[str, str] = {
    "application-crashed": "command, args and env; or an image in which the error is mended",
    "command-line-refused": "args",
    "container-completed": "a command that keeps running, or a Job for work that ends",
    "container-start-failed": "what the message names",
    "executable-not-found": "command and args; without them the image's own are used",
    "executable-not-runnable": "a program that may be executed: chmod +x in the Dockerfile",
    "file-system-read-only": "an emptyDir mounted where it writes",
    "gunicorn-app-not-loaded": "module:attribute in command or args, and that the image has the module",
    "image-wrong-platform": "an image for the node's platform, or a nodeSelector kubernetes.io/arch",
    "init-container-failed": "command, args and env; or an image in which the error is mended",
    "model-damaged": "an image with the right model",
    "out-of-memory": "a higher resources.limits.memory",
    "port-in-use": "ports of containers of one pod, or on hostNetwork, must differ",
    "setting-refused": "env and envFrom: the value that the log names",
}
"""What to change in a container that does not start or does not keep running, by cause."""


def describe(workload: Workload, ref: str) -> str:
    return f"kubectl describe {ref}{workload.flag}"


def logs(workload: Workload, container: Container, *, previous: bool = False) -> str:
    choice = "" if container.pod.single else f" -c {container.name}"
    return f"kubectl logs {container.pod.ref}{choice}{workload.flag}{' --previous' if previous else ''}"


def events(workload: Workload, pod: Pod) -> str:
    return f"kubectl events --for {pod.ref}{workload.flag}"


def edit(workload: Workload, why: str) -> str:
    """Change the workload's definition, or replace a pod without a controller."""
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
    """The controller of a pod, if it was not read; for a ReplicaSet, its Deployment."""
    owner = next(iter(listed(workload.obj, "metadata", "ownerReferences")), {}) if workload.kind == "Pod" else {}
    name, hash_ = text(owner, "name"), text(workload.labels, "pod-template-hash")
    if not name or text(owner, "kind") == "Job":
        return ""
    return f"deployment/{name.removesuffix(f'-{hash_}')}" if hash_ else f"{text(owner, 'kind').lower()}/{name}"


def back(workload: Workload, pod: Pod, otherwise: str) -> tuple[str, ...]:
    """Undo the rollout if the newest revision has the fault, and the permanent fix."""
    if workload.kind in ("Deployment", "StatefulSet", "DaemonSet") and workload.has_older_revision and not pod.old:
        return (f"kubectl rollout undo {workload.ref}{workload.flag}", otherwise)
    return (otherwise,)


def set_image(workload: Workload, container: Container, image: str) -> str:
    if workload.kind in ("Job", "Pod") or container.init:
        return edit(workload, f"{container.spec_path}.image: {image}")
    return f"kubectl set image {workload.ref} {container.name}={image}{workload.flag}"
