"""What the server may do, beyond the Pod Security Standard."""

import re
from collections.abc import Iterator

from tests.k8s.manifests import ROOT, Manifests
from tests.k8s.policy.pod_security import effective
from tests.k8s.policy.rules import rule


@rule
def its_user_is_the_images(manifests: Manifests) -> Iterator[str]:
    (user,) = {*re.findall(r"^USER (\d+:\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)}
    own = effective(manifests.pod, manifests.container)
    if f"{own.get('runAsUser')}:{own.get('runAsGroup')}" != user:
        yield f"the image's user is {user}"


@rule
def its_files_can_not_be_changed(manifests: Manifests) -> Iterator[str]:
    for container in manifests.containers:
        if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
            yield f"the files of {container['name']} can be changed"
    if "/tmp" not in [mount["mountPath"] for mount in manifests.container.get("volumeMounts", [])]:
        yield "a library that wants a temporary file finds no place"


@rule
def it_can_not_talk_to_the_api_server(manifests: Manifests) -> Iterator[str]:
    account = manifests.named("ServiceAccount", manifests.pod.get("serviceAccountName", "default"))
    if account is None:
        yield "it has no ServiceAccount of its own"
    elif account.get("automountServiceAccountToken") is not False:
        yield "another pod with its ServiceAccount would carry a token"
    sources = [
        each for volume in manifests.pod.get("volumes", []) for each in volume.get("projected", {}).get("sources", [])
    ]
    if manifests.pod.get("automountServiceAccountToken") is not False or any(
        "serviceAccountToken" in each for each in sources
    ):
        yield "it carries a token"
    if manifests.pod.get("enableServiceLinks") is not False:
        yield "it is told about every Service of its namespace"
