"""The restricted Pod Security Standard, all of it, and a little more."""

import re
from collections.abc import Iterator

from tests.k8s.manifests import ROOT, Manifests
from tests.k8s.policy.rules import rule

HARMLESS_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim"} | {
    "projected",
    "secret",
}


@rule
def the_pod_meets_the_restricted_standard(manifests: Manifests) -> Iterator[str]:
    pod, own = manifests.pod, manifests.pod.get("securityContext", {})
    container = manifests.container.get("securityContext", {})
    if pod.get("hostNetwork") or pod.get("hostPID") or pod.get("hostIPC"):
        yield "it shares a namespace with its node"
    if any("hostPort" in port for port in manifests.container["ports"]):
        yield "it takes a port of its node"
    if any(set(volume) - {"name"} - HARMLESS_VOLUMES for volume in pod.get("volumes", [])):
        yield "it mounts what is its node's"
    if container.get("privileged") or container.get("allowPrivilegeEscalation") is not False:
        yield "it may gain privileges"
    if own.get("runAsNonRoot") is not True or own.get("runAsUser", 0) == 0 or container.get("runAsUser") == 0:
        yield "it may be root"
    if own.get("seccompProfile") != {"type": "RuntimeDefault"}:
        yield "it may call anything of the kernel"
    if container.get("capabilities") != {"drop": ["ALL"]}:
        yield "it has capabilities"


@rule
def its_user_is_the_images(manifests: Manifests) -> Iterator[str]:
    (user,) = re.findall(r"^USER (\d+:\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    own = manifests.pod["securityContext"]
    if f"{own.get('runAsUser')}:{own.get('runAsGroup')}" != user:
        yield f"the image's user is {user}"


@rule
def its_files_can_not_be_changed(manifests: Manifests) -> Iterator[str]:
    if manifests.container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
        yield "its files can be changed"
    if "/tmp" not in [mount["mountPath"] for mount in manifests.container.get("volumeMounts", [])]:
        yield "a library that wants a temporary file finds no place"


@rule
def it_can_not_talk_to_the_api_server(manifests: Manifests) -> Iterator[str]:
    account = manifests.named("ServiceAccount", manifests.pod.get("serviceAccountName", "default"))
    if account is None:
        yield "it has no ServiceAccount of its own"
    if manifests.pod.get("automountServiceAccountToken") is not False:
        yield "it carries a token"
    if manifests.pod.get("enableServiceLinks") is not False:
        yield "it is told about every Service of its namespace"
