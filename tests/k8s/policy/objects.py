"""Rules for every object: labels, API version and namespace."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import DELETE, mutants, rule

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

DEPRECATED = {
    "Deployment": "extensions/v1beta1",
    "HorizontalPodAutoscaler": "autoscaling/v2beta2",
    "Ingress": "networking.k8s.io/v1beta1",
    "NetworkPolicy": "extensions/v1beta1",
    "PodDisruptionBudget": "policy/v1beta1",
}


@rule(mutants(("metadata.labels", {"app": "cifar10"}), ("metadata.labels", DELETE), target="Ingress"))
def every_object_has_the_common_labels(manifests: Manifests) -> Iterator[str]:
    for each in manifests.objects:
        if not OURS.items() <= each["metadata"].get("labels", {}).items():
            yield f"{each['kind']} {each['metadata']['name']} lacks a common label"


@rule(*(mutants(("apiVersion", version), target=kind) for kind, version in DEPRECATED.items()))
def every_object_has_a_served_api_version(manifests: Manifests) -> Iterator[str]:
    for each in manifests.objects:
        if each["apiVersion"] not in SERVED:
            yield f"{each['kind']} {each['metadata']['name']}: {each['apiVersion']} is deprecated, removed or unknown"


@rule(
    mutants(("metadata.namespace", "monitoring"), ("metadata.namespace", DELETE), target="ServiceMonitor"),
    mutants(("metadata.name", "another"), target="Namespace"),
)
def all_objects_are_in_one_namespace(manifests: Manifests) -> Iterator[str]:
    made = {each["metadata"]["name"] for each in manifests.of("Namespace")}
    used = {each["metadata"].get("namespace", "default") for each in manifests.objects if each["kind"] != "Namespace"}
    if len(used) != 1 or (made and made != used):
        yield f"objects are in {sorted(used)}" + (f", and the build creates {sorted(made)}" if made else "")
