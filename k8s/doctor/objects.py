"""What pods and workloads have in common."""

from dataclasses import dataclass

from k8s.doctor.cluster import Cluster
from k8s.doctor.events import Event
from k8s.doctor.fields import Json, condition, name, namespace, ref, when


@dataclass(frozen=True)
class Object:
    """An object of a cluster, as the API server tells it."""

    obj: Json
    cluster: Cluster

    @property
    def name(self) -> str:
        return name(self.obj)

    @property
    def namespace(self) -> str:
        return namespace(self.obj)

    @property
    def ref(self) -> str:
        return ref(self.obj)

    @property
    def age(self) -> float | None:
        """Seconds since it was made."""
        return self.cluster.seconds_since(when(self.obj, "metadata", "creationTimestamp"))

    def condition(self, type_: str) -> Json:
        """The status condition of that type, or an empty one."""
        return condition(self.obj, type_)

    def events(self, *reasons: str) -> list[Event]:
        """Those with one of the reasons, or all of them; the oldest first."""
        return self.cluster.events_of(self.obj, *reasons)
