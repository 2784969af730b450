"""How containers ended."""

from dataclasses import dataclass
from datetime import datetime

from k8s.doctor.fields import Json, number, text, when


@dataclass(frozen=True)
class Termination:
    """How one did; ``code`` is -1 where nothing tells it."""

    code: int
    reason: str
    message: str
    started: datetime | None
    finished: datetime | None
    current: bool
    """It is how the container is now, and not how it was before it was started again."""

    @classmethod
    def of(cls, raw: Json, *, current: bool) -> "Termination":
        return cls(
            code=number(raw, "exitCode", default=-1),
            reason=text(raw, "reason"),
            message=text(raw, "message"),
            started=when(raw, "startedAt"),
            finished=when(raw, "finishedAt"),
            current=current,
        )

    @property
    def state(self) -> str:
        """Where the container's status tells it."""
        return "state" if self.current else "lastState"

    @property
    def seconds(self) -> float | None:
        """How long it had run."""
        return (self.finished - self.started).total_seconds() if self.started and self.finished else None
