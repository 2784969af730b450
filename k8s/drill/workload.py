"""The healthy workload, and how to restore it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import yaml

from k8s.drill.catalogue import Drill
from k8s.drill.cluster import Cluster, DrillError, Object

OVERLAY = "k8s/overlays/local"
DEPLOYMENT = "cifar10-deployment"
LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def healthy(deployment: Object) -> bool:
    """Whether all pods are of the newest revision and available."""
    wanted, told = deployment["spec"]["replicas"], deployment.get("status", {})
    numbers = [told.get(each, 0) for each in ("replicas", "updatedReplicas", "availableReplicas")]
    return told.get("observedGeneration", 0) >= deployment["metadata"]["generation"] and numbers == [wanted] * 3


def apply(cluster: Cluster, wait: Callable[[Callable[[], bool]], bool]) -> None:
    """Apply the overlay and wait until it is healthy; ``wait`` returns whether a condition became true in time."""
    cluster.kubectl("apply", "-k", OVERLAY)

    def up() -> bool:
        found = cluster.find("deployment", DEPLOYMENT)
        return found is not None and healthy(found)

    if not wait(up):
        raise DrillError(
            f"{DEPLOYMENT} of {OVERLAY} did not become healthy. Is the image on the node? kubectl get pods:\n"
            + cluster.kubectl("get", "pods", quietly=True).rstrip()
        )


@dataclass(frozen=True)
class Extra:
    """An object that a fault adds, and the object of the same name that existed before."""

    made: Object
    before: Object | None

    @property
    def reference(self) -> tuple[str, str]:
        """Kind with its API group, and name, as arguments of ``kubectl get``."""
        group = self.made["apiVersion"].rpartition("/")[0]
        kind = self.made["kind"].lower()
        return f"{kind}.{group}" if group else kind, self.made["metadata"]["name"]


def extras(cluster: Cluster, drill: Drill) -> list[Extra]:
    """Call it before the fault is applied. Raises :class:`DrillError` for an object that could not be restored."""
    if not drill.added:
        return []
    objects = [each for each in yaml.safe_load_all(cluster.kubectl("kustomize", drill.path)) if each]
    made = [each for each in objects if f"{each['kind']}/{each['metadata']['name']}" in drill.added]
    found = [Extra(each, cluster.find(*Extra(each, None).reference)) for each in made]
    for each in found:
        if each.before and each.made["kind"] != "Namespace" and LAST_APPLIED not in _annotations(each.before):
            raise DrillError(
                f"{'/'.join(each.reference)} exists and was not applied by kubectl, so it could not be restored"
            )
    return found


def undo(extra: Extra) -> tuple[list[str], str | None]:
    """kubectl's arguments and input that undo the addition."""
    kind, name = extra.reference
    if extra.made["kind"] == "Namespace":  # never deleted: that would delete everything in it
        had: Mapping[str, str] = (extra.before or {}).get("metadata", {}).get("labels", {})
        labels = [f"{key}={had[key]}" if key in had else f"{key}-" for key in extra.made["metadata"]["labels"]]
        return ["label", kind, name, "--overwrite", *labels], None
    if extra.before:
        return ["apply", "-f", "-"], _annotations(extra.before)[LAST_APPLIED]
    return ["delete", kind, name, "--ignore-not-found"], None


def _annotations(each: Object) -> Mapping[str, str]:
    annotations: Mapping[str, str] = each["metadata"].get("annotations", {})
    return annotations
