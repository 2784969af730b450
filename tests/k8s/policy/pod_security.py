"""The restricted Pod Security Standard, all of it."""

from collections.abc import Iterator
from typing import Any

from tests.k8s.manifests import Manifests, Object, probes
from tests.k8s.policy.rules import rule

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
    """The security context that a container gets: its own, and for what that leaves out, the pod's."""
    return {**pod.get("securityContext", {}), **container.get("securityContext", {})}


@rule
def the_pod_meets_the_restricted_standard(manifests: Manifests) -> Iterator[str]:
    pod = manifests.pod
    yield from _pod(pod)
    for key, profile in manifests.deployment["spec"]["template"]["metadata"].get("annotations", {}).items():
        if key.startswith(APPARMOR) and profile != "runtime/default" and not profile.startswith("localhost/"):
            yield "an annotation takes AppArmor away"
    for container in manifests.containers:
        for wrong in (*_container(container), *_required(effective(pod, container))):
            yield f"{container['name']}: {wrong}"


def _pod(pod: Object) -> Iterator[str]:
    if pod.get("hostNetwork") or pod.get("hostPID") or pod.get("hostIPC"):
        yield "it shares a namespace with its node"
    for volume in pod.get("volumes", []):
        if set(volume) - {"name"} - VOLUMES:
            yield f"the volume {volume['name']} is its node's"
    own = pod.get("securityContext", {})
    for sysctl in own.get("sysctls", []):
        if sysctl["name"] not in SYSCTLS:
            yield f"{sysctl['name']} is not its own alone"
    yield from _forbidden(own)


def _container(container: Object) -> Iterator[str]:
    own = container.get("securityContext", {})
    if any(port.get("hostPort") for port in container.get("ports", [])):
        yield "it takes a port of its node"
    if own.get("privileged") or own.get("allowPrivilegeEscalation") is not False:
        yield "it may gain privileges"
    if own.get("capabilities") != {"drop": ["ALL"]}:
        yield "it has capabilities"
    if own.get("procMount", "Default") != "Default":
        yield "it sees all of /proc"
    if any("host" in action for action in _requests(container)):
        yield "the kubelet asks another host for it"
    yield from _forbidden(own)


def _forbidden(context: Object) -> Iterator[str]:
    """What neither the pod nor a container may say, whether it takes effect or not."""
    if context.get("runAsNonRoot") is False or context.get("runAsUser") == 0:
        yield "it may be root"
    if context.get("seccompProfile", {}).get("type", "RuntimeDefault") not in CONFINED:
        yield "it may call anything of the kernel"
    if context.get("appArmorProfile", {}).get("type", "RuntimeDefault") not in CONFINED:
        yield "AppArmor does not confine it"
    selinux = context.get("seLinuxOptions", {})
    if selinux.get("type") not in SELINUX_TYPES or selinux.get("user") or selinux.get("role"):
        yield "it has an SELinux context of its own choice"
    if context.get("windowsOptions", {}).get("hostProcess"):
        yield "it is a process of its node"


def _required(context: Object) -> Iterator[str]:
    """What the pod or each container has to say."""
    if context.get("runAsNonRoot") is not True:
        yield "nothing keeps it from being root"
    if "seccompProfile" not in context:
        yield "nothing keeps it from calling anything of the kernel"


def _requests(container: Object) -> Iterator[dict[str, Any]]:
    for handler in (*(each for _, each in probes(container)), *container.get("lifecycle", {}).values()):
        yield from (handler[kind] for kind in ("httpGet", "tcpSocket") if kind in handler)
