"""Workloads: Deployments, StatefulSets, DaemonSets, Jobs, and pods without a controller."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from k8s.doctor.cluster import Cluster, Object
from k8s.doctor.fields import Json, kind, labels, listed, mapping, name, namespace, number, selects, text, true
from k8s.doctor.pods import Container, Pod

KINDS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "Pod")
REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Workload(Object):
    """A workload and its pods."""

    peers: Sequence["Workload"] = field(default=(), repr=False, compare=False)
    """All workloads of its namespace, itself included."""

    @property
    def kind(self) -> str:
        return kind(self.obj)

    @property
    def flag(self) -> str:
        """kubectl's option for its namespace."""
        return "" if self.namespace == "default" else f" -n {self.namespace}"

    @cached_property
    def template(self) -> Json:
        """The pod template."""
        return self.obj if self.kind == "Pod" else mapping(self.obj, "spec", "template")

    @cached_property
    def labels(self) -> Json:
        """Labels of its pods."""
        return labels(self.template)

    @property
    def containers(self) -> list[Json]:
        """The containers of the template, including sidecars."""
        init = listed(self.template, "spec", "initContainers")
        sidecars = [each for each in init if text(each, "restartPolicy") == "Always"]
        return [*listed(self.template, "spec", "containers"), *sidecars]

    @property
    def desired(self) -> int:
        """The desired number of pods."""
        match self.kind:
            case "DaemonSet":
                return number(self.obj, "status", "desiredNumberScheduled")
            case "Job":
                return 0 if self.finished else number(self.obj, "spec", "parallelism", default=1)
            case "Pod":
                return 0 if Pod(self.obj, self.cluster).phase == "Succeeded" else 1
        return number(self.obj, "spec", "replicas", default=1)

    @property
    def finished(self) -> bool:
        """Whether it is a Job that has completed."""
        return text(self.condition("Complete"), "status") == "True"

    @property
    def failed(self) -> bool:
        """Whether it is a Job that has failed for good."""
        return text(self.condition("Failed"), "status") == "True"

    @property
    def paused(self) -> bool:
        return true(self.obj, "spec", "paused")

    @property
    def observed(self) -> bool:
        """Whether its controller has observed the latest change."""
        seen = number(self.obj, "status", "observedGeneration")
        return not seen or seen >= number(self.obj, "metadata", "generation")

    @property
    def stalled(self) -> bool:
        """Whether its rollout has exceeded its deadline."""
        return text(self.condition("Progressing"), "status") == "False"

    @cached_property
    def replica_sets(self) -> list[Json]:
        """The ReplicaSets of a Deployment, newest revision first."""
        if self.kind != "Deployment":
            return []
        return sorted(self.cluster.owned(self.obj, "ReplicaSet"), key=_revision, reverse=True)

    @property
    def makers(self) -> list[Json]:
        """The objects that create the current pods, for their conditions and events."""
        return [*self.replica_sets[:1], self.obj]

    @cached_property
    def pods(self) -> list[Pod]:
        """All its pods, including terminated ones and those of older revisions."""
        if self.kind == "Pod":
            return [Pod(self.obj, self.cluster)]
        if self.kind == "Deployment":
            known = [
                Pod(pod, self.cluster, old=index > 0)
                for index, each in enumerate(self.replica_sets)
                for pod in self.cluster.owned(each, "Pod")
            ]
            return [*known, *(Pod(pod, self.cluster) for pod in self.cluster.orphans if adopts(self.obj, pod))]
        update = text(self.obj, "status", "updateRevision") if self.kind == "StatefulSet" else ""
        return [Pod(pod, self.cluster, old=self._is_old(pod, update)) for pod in self.cluster.owned(self.obj, "Pod")]

    def _is_old(self, pod: Json, update: str) -> bool:
        own = text(labels(pod), "controller-revision-hash")
        return bool(update and own and own != update)

    @property
    def alive(self) -> list[Pod]:
        """The pods that are not terminated or terminating. Failed pods of a Job, or a failed bare pod, are included."""
        by_itself = self.kind == "Pod" or (self.kind == "Job" and not self.finished and not self.failed)
        return [
            pod
            for pod in self.pods
            if not pod.terminating and (not pod.over or (by_itself and pod.phase == "Failed" and not pod.reason))
        ]

    @property
    def alive_containers(self) -> list[Container]:
        return [container for pod in self.alive for container in pod.containers]

    @property
    def serving(self) -> list[Pod]:
        return [pod for pod in self.pods if pod.ready and not pod.over and not pod.terminating]

    @property
    def has_older_revision(self) -> bool:
        return len(self.replica_sets) > 1 or any(pod.old for pod in self.pods)


def workloads(cluster: Cluster) -> list[Workload]:
    """All objects without a controller, except empty ReplicaSets."""
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


def adopts(deployment: Json, pod: Json) -> bool:
    """Whether a pod whose ReplicaSet was not read belongs to the Deployment by its labels."""
    selector = mapping(deployment, "spec", "selector")
    return namespace(pod) == namespace(deployment) and bool(selector) and selects(selector, labels(pod))


def _revision(replica_set: Json) -> tuple[int, str]:
    revision = text(replica_set, "metadata", "annotations", REVISION)
    created = text(replica_set, "metadata", "creationTimestamp")
    return (int(revision) if revision.isdigit() else 0, created)
