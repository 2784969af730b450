"""An index of a snapshot: objects by kind, name and owner, and their events."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from k8s.doctor.events import Event
from k8s.doctor.fields import Json, condition, field, kind, labels, listed, name, namespace, ref, text, when
from k8s.doctor.snapshot import Snapshot


class Cluster:
    """An index of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.now: datetime = snapshot.now
        self._by_kind: dict[tuple[str, str | None], list[Json]] = {}
        self._by_name: dict[tuple[str, str | None, str], Json] = {}
        for item in snapshot.items:
            for where in (None, namespace(item)):
                self._by_kind.setdefault((kind(item), where), []).append(item)
                self._by_name.setdefault((kind(item), where, name(item)), item)

    def all(self, kind: str, namespace_: str | None = None) -> list[Json]:
        """The objects of a kind, of one namespace or of all."""
        return self._by_kind.get((kind, namespace_), [])

    def get(self, kind: str, namespace_: str | None, name_: str) -> Json:
        """The object, or an empty one. The namespace is ``None`` for cluster-scoped kinds."""
        return self._by_name.get((kind, namespace_, name_), {})

    def knows(self, kind: str) -> bool:
        """Whether the kind was read completely, so that an object that is not here does not exist."""
        return kind in self.snapshot.read

    def owned(self, owner: Json, kind: str) -> list[Json]:
        """The objects of a kind that the owner controls."""
        return self._owned.get((id(owner), kind), [])

    def owner(self, obj: Json) -> Json | None:
        """The controller of the object, if it was read."""
        for each in listed(obj, "metadata", "ownerReferences"):
            found = self.get(text(each, "kind"), namespace(obj), text(each, "name"))
            same = not text(each, "uid") or not text(found, "metadata", "uid")
            if found and (same or text(each, "uid") == text(found, "metadata", "uid")):
                return found
        return None

    def only_talker(self, pod: Json) -> bool:
        """Whether a log without a prefix is the pod's: its application is the only one, or the only unhealthy one."""
        return self._talkers == {_application(pod)}

    def has_namesake(self, pod: Json) -> bool:
        """Whether a pod of another namespace has the same name: kubectl's log prefix has no namespace."""
        return self._pod_names[name(pod)] > 1

    @cached_property
    def _pod_names(self) -> Counter[str]:
        return Counter(name(each) for each in self.all("Pod"))

    @cached_property
    def _talkers(self) -> set[str]:
        pods = self.all("Pod")
        return {_application(pod) for pod in pods if _unwell(pod)} or {_application(pod) for pod in pods}

    @cached_property
    def orphans(self) -> list[Json]:
        """Pods whose controller was not read."""
        owned = [each for each in self.all("Pod") if listed(each, "metadata", "ownerReferences")]
        return [each for each in owned if self.owner(each) is None]

    @cached_property
    def events(self) -> list[Event]:
        """All events, the oldest first."""
        found = [Event.of(each) for each in self.snapshot.events]
        return sorted(found, key=lambda each: each.last.timestamp() if each.last else 0.0)

    @cached_property
    def _owned(self) -> dict[tuple[int, str], list[Json]]:
        """Objects by controller and kind."""
        found: dict[tuple[int, str], list[Json]] = {}
        for item in self.snapshot.items:
            if owner := self.owner(item):
                found.setdefault((id(owner), kind(item)), []).append(item)
        return found

    @cached_property
    def _events_by_object(self) -> dict[tuple[str, str], list[Event]]:
        found: dict[tuple[str, str], list[Event]] = {}
        for event in self.events:
            found.setdefault((event.kind, event.name), []).append(event)
        return found

    def events_of(self, obj: Json, *reasons: str) -> list[Event]:
        """The object's events with one of the reasons, or all of them; the oldest first."""
        about = self._events_by_object.get((kind(obj), name(obj)), [])
        here = [e for e in about if field(obj, "metadata", "namespace") in (None, e.namespace)]
        return [e for e in here if not reasons or e.reason in reasons]

    def seconds_since(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self.now - moment).total_seconds()


@dataclass(frozen=True)
class Object:
    """An object of the cluster."""

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
        """Seconds since its creation."""
        return self.cluster.seconds_since(when(self.obj, "metadata", "creationTimestamp"))

    def condition(self, type_: str) -> Json:
        """The status condition of that type, or an empty one."""
        return condition(self.obj, type_)

    def events(self, *reasons: str) -> list[Event]:
        """Its events with one of the reasons, or all of them; the oldest first."""
        return self.cluster.events_of(self.obj, *reasons)


def _application(pod: Json) -> str:
    """Namespace and name of the pod's controller, the same for all revisions."""
    owner = next((text(each, "name") for each in listed(pod, "metadata", "ownerReferences")), name(pod))
    return f"{namespace(pod)}/{owner.removesuffix('-' + text(labels(pod), 'pod-template-hash'))}"


def _unwell(pod: Json) -> bool:
    if text(pod, "status", "phase") == "Succeeded":
        return False
    return any(not each.get("ready") or each.get("restartCount") for each in listed(pod, "status", "containerStatuses"))
