"""Security beyond the Pod Security Standard."""

import re
from collections.abc import Iterator

from tests.k8s.manifests import ROOT, Manifests
from tests.k8s.policy.pod_security import effective
from tests.k8s.policy.rules import CONTAINER, DELETE, SECURITY, SPEC, mutants, rule

TOKEN = {"name": "token", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}


@rule(
    mutants(
        (SPEC + "securityContext.runAsUser", 1000),
        (SPEC + "securityContext.runAsGroup", DELETE),
        (SECURITY + "runAsUser", 1000),
        (SECURITY + "runAsGroup", 0),
    )
)
def the_user_is_the_images(manifests: Manifests) -> Iterator[str]:
    (user,) = {*re.findall(r"^USER (\d+:\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)}
    own = effective(manifests.pod, manifests.container)
    if f"{own.get('runAsUser')}:{own.get('runAsGroup')}" != user:
        yield f"the image's user is {user}"


@rule(
    mutants(
        (SECURITY + "readOnlyRootFilesystem", False),
        (CONTAINER + "volumeMounts", DELETE),
        (SPEC + "initContainers", [{"name": "first", "image": "busybox:1"}]),
    )
)
def the_root_file_system_is_read_only(manifests: Manifests) -> Iterator[str]:
    for container in manifests.containers:
        if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
            yield f"the root file system of {container['name']} is writable"
    if "/tmp" not in [mount["mountPath"] for mount in manifests.container.get("volumeMounts", [])]:
        yield "no volume is mounted at /tmp"


@rule(
    mutants(
        (SPEC + "serviceAccountName", DELETE),
        (SPEC + "automountServiceAccountToken", DELETE),
        (SPEC + "enableServiceLinks", True),
        (SPEC + "volumes.-", TOKEN),
    ),
    mutants(("automountServiceAccountToken", True), ("automountServiceAccountToken", DELETE), target="ServiceAccount"),
)
def the_pod_has_no_api_credentials(manifests: Manifests) -> Iterator[str]:
    account = manifests.named("ServiceAccount", manifests.pod.get("serviceAccountName", "default"))
    if account is None:
        yield "the pod has no ServiceAccount of its own"
    elif account.get("automountServiceAccountToken") is not False:
        yield "its ServiceAccount mounts a token into other pods"
    sources = [
        each for volume in manifests.pod.get("volumes", []) for each in volume.get("projected", {}).get("sources", [])
    ]
    if manifests.pod.get("automountServiceAccountToken") is not False or any(
        "serviceAccountToken" in each for each in sources
    ):
        yield "the pod mounts a token"
    if manifests.pod.get("enableServiceLinks") is not False:
        yield "enableServiceLinks is not false"
