"""Events, from either of the two event APIs."""

import re
from dataclasses import dataclass
from datetime import datetime

from k8s.doctor.fields import Json, number, text, when

_CONTAINER = re.compile(r"spec\.(?:initContainers|containers|ephemeralContainers)\{(.+)\}")


@dataclass(frozen=True)
class Event:
    """One event; ``first`` and ``last`` may be unknown."""

    kind: str
    name: str
    namespace: str
    container: str
    type: str
    reason: str
    message: str
    count: int
    first: datetime | None
    last: datetime | None

    @classmethod
    def of(cls, raw: Json) -> "Event":
        about = raw.get("involvedObject") or raw.get("regarding")
        match = _CONTAINER.fullmatch(text(about, "fieldPath"))
        created = when(raw, "metadata", "creationTimestamp")
        first = (
            when(raw, "firstTimestamp") or when(raw, "deprecatedFirstTimestamp") or when(raw, "eventTime") or created
        )
        last = when(raw, "series", "lastObservedTime") or when(raw, "lastTimestamp")
        return cls(
            kind=text(about, "kind"),
            name=text(about, "name"),
            namespace=text(about, "namespace") or text(raw, "metadata", "namespace") or "default",
            container=match[1] if match else "",
            type=text(raw, "type"),
            reason=text(raw, "reason"),
            message=(text(raw, "message") or text(raw, "note")).strip(),
            count=max(number(raw, "series", "count"), number(raw, "count"), number(raw, "deprecatedCount"), 1),
            first=first,
            last=last or when(raw, "deprecatedLastTimestamp") or first,
        )

    @property
    def field(self) -> str:
        """Its name in the evidence."""
        return f"event {self.reason}, {self.count} times"

    @property
    def ref(self) -> str:
        return f"event of {self.kind.lower()}/{self.name}"
