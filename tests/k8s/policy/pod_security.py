"""The restricted Pod Security Standard, control by control."""

from collections.abc import Iterator
from typing import Any

from tests.k8s.manifests import Manifests, Object, probes
from tests.k8s.policy.rules import CONTAINER, DELETE, SECURITY, SPEC, mutants, rule

CONFINED = {"RuntimeDefault", "Localhost"}
SELINUX_TYPES = {None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"}
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
SYSCTLS = {
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.ip_local_reserved_ports",
    "net.ipv4.ip_unprivileged_port_start",
    "net.ipv4.ping_group_range",
    "net.ipv4.tcp_fin_timeout",
    "net.ipv4.tcp_keepalive_intvl",
    "net.ipv4.tcp_keepalive_probes",
    "net.ipv4.tcp_keepalive_time",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.tcp_wmem",
}
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def effective(pod: Object, container: Object) -> Object:
    """The security context of a container, with the pod's as the default."""
    return {**pod.get("securityContext", {}), **container.get("securityContext", {})}


POD = SPEC + "securityContext."


def beside(kind: str, **security: Any) -> tuple[str, Any]:
    """A second container that violates the standard by its security context only."""
    good = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    return SPEC + kind, [{"name": "beside", "image": "busybox:1", "securityContext": good | security}]


def volume(**source: Any) -> tuple[str, Any]:
    return SPEC + "volumes.-", {"name": "x", **source}


HOST = [(SPEC + each, True) for each in ("hostNetwork", "hostPID", "hostIPC")] + [
    (CONTAINER + "ports.0.hostPort", 8000),
    (CONTAINER + "readinessProbe.httpGet.host", "10.0.0.1"),
    (CONTAINER + "lifecycle.preStop", {"tcpSocket": {"host": "10.0.0.1", "port": 80}}),
    (SECURITY + "windowsOptions.hostProcess", True),
    (POD + "windowsOptions.hostProcess", True),
    (POD + "sysctls", [{"name": "kernel.msgmax", "value": "65536"}]),
]
HOST_VOLUMES = [
    volume(hostPath={"path": "/"}),
    volume(nfs={"server": "10.0.0.1", "path": "/"}),
    volume(gitRepo={"repository": "https://example.com/x.git"}),
]
PRIVILEGES = [
    (SECURITY + "privileged", True),
    (SECURITY + "allowPrivilegeEscalation", DELETE),
    (SECURITY + "allowPrivilegeEscalation", True),
    (SECURITY + "capabilities", DELETE),
    (SECURITY + "capabilities.add", ["SYS_ADMIN"]),
    (SECURITY + "capabilities.drop", ["NET_RAW"]),
    beside("initContainers", privileged=True, runAsUser=0),
    beside("initContainers", capabilities={"drop": []}),
    beside("ephemeralContainers", allowPrivilegeEscalation=True),
]
ROOT = [
    (POD + "runAsNonRoot", DELETE),
    (POD + "runAsNonRoot", False),
    (POD + "runAsUser", 0),
    (SECURITY + "runAsNonRoot", False),
    (SECURITY + "runAsUser", 0),
    beside("initContainers", runAsUser=0),
    beside("ephemeralContainers", runAsNonRoot=False),
]
CONFINEMENT = [
    (POD + "seccompProfile", DELETE),
    (POD + "seccompProfile.type", "Unconfined"),
    (SECURITY + "seccompProfile", {"type": "Unconfined"}),
    beside("initContainers", seccompProfile={"type": "Unconfined"}),
    (SECURITY + "procMount", "Unmasked"),
    (POD + "appArmorProfile", {"type": "Unconfined"}),
    (SECURITY + "appArmorProfile", {"type": "Unconfined"}),
    (
        "spec.template.metadata.annotations",
        {"container.apparmor.security.beta.kubernetes.io/cifar10": "unconfined"},
    ),
    (POD + "seLinuxOptions", {"type": "spc_t"}),
    (SECURITY + "seLinuxOptions", {"type": "spc_t"}),
    (SECURITY + "seLinuxOptions", {"user": "system_u"}),
    (SECURITY + "seLinuxOptions", {"role": "system_r"}),
]


@rule(mutants(*HOST, *HOST_VOLUMES, *PRIVILEGES, *ROOT, *CONFINEMENT))
def the_pod_meets_the_restricted_standard(manifests: Manifests) -> Iterator[str]:
    pod = manifests.pod
    yield from _pod(pod)
    for key, profile in manifests.deployment["spec"]["template"]["metadata"].get("annotations", {}).items():
        if key.startswith(APPARMOR) and profile != "runtime/default" and not profile.startswith("localhost/"):
            yield "an annotation disables AppArmor"
    for container in manifests.containers:
        for wrong in (*_container(container), *_required(effective(pod, container))):
            yield f"{container['name']}: {wrong}"


def _pod(pod: Object) -> Iterator[str]:
    if pod.get("hostNetwork") or pod.get("hostPID") or pod.get("hostIPC"):
        yield "it uses a namespace of its host"
    for volume in pod.get("volumes", []):
        if set(volume) - {"name"} - VOLUMES:
            yield f"the type of the volume {volume['name']} is not allowed"
    own = pod.get("securityContext", {})
    for sysctl in own.get("sysctls", []):
        if sysctl["name"] not in SYSCTLS:
            yield f"the sysctl {sysctl['name']} is not allowed"
    yield from _forbidden(own)


def _container(container: Object) -> Iterator[str]:
    own = container.get("securityContext", {})
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield "it uses a host port"
    if own.get("privileged") or own.get("allowPrivilegeEscalation") is not False:
        yield "it allows privilege escalation"
    if own.get("capabilities") != {"drop": ["ALL"]}:
        yield "it does not drop all capabilities"
    if own.get("procMount", "Default") != "Default":
        yield "its /proc is unmasked"
    if any("host" in action for action in _requests(container)):
        yield "a probe or hook names a host"
    yield from _forbidden(own)


def _forbidden(context: Object) -> Iterator[str]:
    """Values that neither the pod nor a container may set, whether they take effect or not."""
    if context.get("runAsNonRoot") is False or context.get("runAsUser") == 0:
        yield "it may run as root"
    if context.get("seccompProfile", {}).get("type", "RuntimeDefault") not in CONFINED:
        yield "seccomp is disabled"
    if context.get("appArmorProfile", {}).get("type", "RuntimeDefault") not in CONFINED:
        yield "AppArmor is disabled"
    selinux = context.get("seLinuxOptions", {})
    if selinux.get("type") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield "it sets an SELinux context"
    if context.get("windowsOptions", {}).get("hostProcess"):
        yield "it is a host process"


def _required(context: Object) -> Iterator[str]:
    """Values that the pod or each container must set."""
    if context.get("runAsNonRoot") is not True:
        yield "runAsNonRoot is not true"
    if "seccompProfile" not in context:
        yield "no seccompProfile"


def _requests(container: Object) -> Iterator[dict[str, Any]]:
    for handler in (*(each for _, each in probes(container)), *container.get("lifecycle", {}).values()):
        yield from (handler[kind] for kind in ("httpGet", "tcpSocket") if kind in handler)
