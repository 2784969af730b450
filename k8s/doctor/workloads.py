"""What a person calls an application: a Deployment, StatefulSet, DaemonSet, Job, or a pod that nothing controls."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from k8s.doctor.containers import Container
from k8s.doctor.fields import Json, kind, labels, listed, mapping, namespace, number, selects, text, true
from k8s.doctor.objects import Object
from k8s.doctor.pods import Pod

REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True)
class Workload(Object):
    """One application and its pods."""

    peers: Sequence["Workload"] = field(default=(), repr=False, compare=False)
    """All workloads of its namespace, itself included."""

    @property
    def kind(self) -> str:
        return kind(self.obj)

    @property
    def flag(self) -> str:
        """What kubectl needs to be told to look into its namespace."""
        return "" if self.namespace == "default" else f" -n {self.namespace}"

    @cached_property
    def template(self) -> Json:
        """Metadata and spec that its pods are made from."""
        return self.obj if self.kind == "Pod" else mapping(self.obj, "spec", "template")

    @cached_property
    def labels(self) -> Json:
        """Labels of its pods, those to come included."""
        return labels(self.template)

    @property
    def containers(self) -> list[Json]:
        """The containers of the template that keep running."""
        init = listed(self.template, "spec", "initContainers")
        sidecars = [each for each in init if text(each, "restartPolicy") == "Always"]
        return [*listed(self.template, "spec", "containers"), *sidecars]

    @property
    def desired(self) -> int:
        """How many pods there should be."""
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
        """A Job that has done its work."""
        return text(self.condition("Complete"), "status") == "True"

    @property
    def failed(self) -> bool:
        """A Job that is not tried again."""
        return text(self.condition("Failed"), "status") == "True"

    @property
    def paused(self) -> bool:
        return true(self.obj, "spec", "paused")

    @property
    def observed(self) -> bool:
        """Whether its controller has seen the latest change."""
        seen = number(self.obj, "status", "observedGeneration")
        return not seen or seen >= number(self.obj, "metadata", "generation")

    @property
    def stalled(self) -> bool:
        """Whether its rollout has run out of the time that it may take."""
        return text(self.condition("Progressing"), "status") == "False"

    @cached_property
    def replica_sets(self) -> list[Json]:
        """A Deployment's, the newest revision first."""
        if self.kind != "Deployment":
            return []
        return sorted(self.cluster.owned(self.obj, "ReplicaSet"), key=_revision, reverse=True)

    @property
    def makers(self) -> list[Json]:
        """The objects that create the current pods, for their conditions and events."""
        return [*self.replica_sets[:1], self.obj]

    @cached_property
    def pods(self) -> list[Pod]:
        """All its pods, those of older revisions and those that ended included."""
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
        """The pods that are neither over nor on their way out; of a pod or Job, how they ended is what counts."""
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


def adopts(deployment: Json, pod: Json) -> bool:
    """Whether an orphan is the Deployment's by its labels, where the ReplicaSet between them was not read."""
    selector = mapping(deployment, "spec", "selector")
    return namespace(pod) == namespace(deployment) and bool(selector) and selects(selector, labels(pod))


def _revision(replica_set: Json) -> tuple[int, str]:
    revision = text(replica_set, "metadata", "annotations", REVISION)
    created = text(replica_set, "metadata", "creationTimestamp")
    return (int(revision) if revision.isdigit() else 0, created)
