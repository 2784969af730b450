"""Images and how they are pulled."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import rule


def _is_production(manifests: Manifests) -> bool:
    return bool(manifests.of("Namespace"))  # only that overlay makes one


@rule
def an_image_is_named_exactly(manifests: Manifests) -> Iterator[str]:
    for image in (container["image"] for container in manifests.containers):
        name = image.rsplit("/", 1)[-1]
        if "@sha256:" not in image and (":" not in name or name.endswith(":latest")):
            yield f"{image} may be another image tomorrow"


@rule
def production_names_its_image_by_digest(manifests: Manifests) -> Iterator[str]:
    if _is_production(manifests) and "@sha256:" not in manifests.container["image"]:
        yield "a tag can be moved; production names a digest"


@rule
def an_image_that_is_present_is_not_pulled(manifests: Manifests) -> Iterator[str]:
    if manifests.container.get("imagePullPolicy") != "IfNotPresent":
        yield "Always fails where there is no registry, Never where the image is not there yet"
