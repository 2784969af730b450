"""Images and how they are pulled."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import CONTAINER, SPEC, mutants, rule


def _is_production(manifests: Manifests) -> bool:
    return bool(manifests.of("Namespace"))  # the only overlay that creates one


@rule(
    mutants(
        (CONTAINER + "image", "cifar-api-cpu"),
        (CONTAINER + "image", "localhost:5000/cifar-api-cpu"),
        (CONTAINER + "image", "cifar-api-cpu:latest"),
        (SPEC + "initContainers", [{"name": "first", "image": "busybox"}]),
    )
)
def an_image_has_a_fixed_version(manifests: Manifests) -> Iterator[str]:
    for image in (container["image"] for container in manifests.containers):
        name = image.rsplit("/", 1)[-1]
        if "@sha256:" not in image and (":" not in name or name.endswith(":latest")):
            yield f"{image} is not a fixed version"


@rule(mutants((CONTAINER + "image", "cifar-api-cpu:v1")))
def production_names_its_image_by_digest(manifests: Manifests) -> Iterator[str]:
    if _is_production(manifests) and "@sha256:" not in manifests.container["image"]:
        yield "the image is named by a tag, which can be moved"


@rule(mutants((CONTAINER + "imagePullPolicy", "Always"), (CONTAINER + "imagePullPolicy", "Never")))
def an_image_on_the_node_is_not_pulled(manifests: Manifests) -> Iterator[str]:
    if manifests.container.get("imagePullPolicy") != "IfNotPresent":
        yield "the imagePullPolicy is not IfNotPresent"
