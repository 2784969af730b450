"""Finding things in a snapshot: by kind and name, by owner, by selector, and the events of each."""

from collections.abc import Iterable
from datetime import datetime
from functools import cached_property

from k8s.doctor.events import Event
from k8s.doctor.fields import Json, field, kind, listed, name, namespace, ref, text
from k8s.doctor.snapshot import Snapshot


class Cluster:
    """An index of a snapshot."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.now: datetime = snapshot.now
        self._by_kind: dict[str, list[Json]] = {}
        for item in snapshot.items:
            self._by_kind.setdefault(kind(item), []).append(item)

    def all(self, kind: str, namespace_: str | None = None) -> list[Json]:
        """The objects of a kind, of one namespace or of all."""
        return [each for each in self._by_kind.get(kind, []) if namespace_ in (None, namespace(each))]

    def get(self, kind: str, namespace_: str | None, name_: str) -> Json:
        """The object, or an empty one; ``None`` as namespace for what lies in none."""
        return next((each for each in self.all(kind, namespace_) if name(each) == name_), {})

    def knows(self, kind: str) -> bool:
        """Whether what is absent of this kind does not exist, rather than was not read."""
        return kind in self.snapshot.read

    def owned(self, owner: Json, kind: str) -> list[Json]:
        """The objects of a kind that the owner controls."""
        return [each for each in self.all(kind, namespace(owner)) if self.owner(each) is owner]

    def owner(self, obj: Json) -> Json | None:
        """What controls the object, when that was read too."""
        for each in listed(obj, "metadata", "ownerReferences"):
            found = self.get(text(each, "kind"), namespace(obj), text(each, "name"))
            same = not text(each, "uid") or not text(found, "metadata", "uid")
            if found and (same or text(each, "uid") == text(found, "metadata", "uid")):
                return found
        return None

    @cached_property
    def events(self) -> list[Event]:
        """All events, the oldest first."""
        found = [Event.of(each) for each in self.snapshot.events]
        return sorted(found, key=lambda each: each.last.timestamp() if each.last else 0.0)

    def events_of(self, obj: Json, *reasons: str) -> list[Event]:
        """The object's events with one of the reasons, or all of them; the oldest first."""
        about = [e for e in self.events if (e.kind, e.name) == (kind(obj), name(obj))]
        here = [e for e in about if field(obj, "metadata", "namespace") in (None, e.namespace)]
        return [e for e in here if not reasons or e.reason in reasons]

    def seconds_since(self, moment: datetime | None) -> float | None:
        return None if moment is None else (self.now - moment).total_seconds()

    def refs(self, objects: Iterable[Json]) -> list[str]:
        return sorted(ref(each) for each in objects)
