"""Which workloads there are: what nothing else in the snapshot controls."""

from collections.abc import Iterator

from k8s.doctor.cluster import Cluster
from k8s.doctor.fields import Json, name, namespace
from k8s.doctor.workloads import Workload, adopts

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod")


def workloads(cluster: Cluster) -> list[Workload]:
    """All of them; empty ReplicaSets aside."""
    found: list[Workload] = []
    peers: dict[str, list[Workload]] = {}
    for obj in _roots(cluster):
        here = peers.setdefault(namespace(obj), [])
        workload = Workload(obj, cluster, here)
        if workload.kind != "ReplicaSet" or workload.pods or workload.desired:
            here.append(workload)
            found.append(workload)
    return found


def _roots(cluster: Cluster) -> Iterator[Json]:
    deployments = cluster.all("Deployment")
    adopted = {id(pod) for pod in cluster.orphans if any(adopts(each, pod) for each in deployments)}
    for each in KINDS:
        yield from (o for o in cluster.all(each) if cluster.owner(o) is None and name(o) and id(o) not in adopted)
