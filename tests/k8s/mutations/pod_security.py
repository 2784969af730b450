"""What breaks the restricted Pod Security Standard, point by point."""

from typing import Any

from tests.k8s.mutations.mutation import CONTAINER, DELETE, SECURITY, SPEC, broken_by

RULE = "the_pod_meets_the_restricted_standard"
POD = SPEC + "securityContext."


def beside(kind: str, **security: Any) -> tuple[str, Any]:
    """One more container, which is good but for its security context."""
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

VOLUMES = [
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

MUTATIONS = broken_by(RULE, *HOST, *VOLUMES, *PRIVILEGES, *ROOT, *CONFINEMENT)
