"""What holds for every object, whatever it is."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import rule

OURS = {"app.kubernetes.io/name": "cifar10", "app.kubernetes.io/part-of": "cifar10-serving"}

SERVED = {
    "v1",
    "apps/v1",
    "autoscaling/v2",
    "gateway.networking.k8s.io/v1",
    "keda.sh/v1alpha1",
    "monitoring.coreos.com/v1",
    "networking.k8s.io/v1",
    "policy/v1",
    "rbac.authorization.k8s.io/v1",
}


@rule
def every_object_says_what_it_belongs_to(manifests: Manifests) -> Iterator[str]:
    for each in manifests.objects:
        if not OURS.items() <= each["metadata"].get("labels", {}).items():
            yield f"{each['kind']} {each['metadata']['name']} has not our labels"


@rule
def every_object_is_of_a_version_that_is_served(manifests: Manifests) -> Iterator[str]:
    for each in manifests.objects:
        if each["apiVersion"] not in SERVED:
            yield f"{each['kind']} {each['metadata']['name']}: {each['apiVersion']} is deprecated, gone or unknown"


@rule
def everything_is_in_one_namespace(manifests: Manifests) -> Iterator[str]:
    made = {each["metadata"]["name"] for each in manifests.of("Namespace")}
    used = {each["metadata"].get("namespace", "default") for each in manifests.objects if each["kind"] != "Namespace"}
    if len(used) != 1 or (made and made != used):
        yield f"objects are in {sorted(used)}" + (f", and {sorted(made)} is made" if made else "")
