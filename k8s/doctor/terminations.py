"""Terminations of containers."""

from dataclasses import dataclass
from datetime import datetime

from k8s.doctor.fields import Json, number, text, when


@dataclass(frozen=True)
class Termination:
    """A termination; ``code`` is -1 if unknown."""

    code: int
    reason: str
    message: str
    started: datetime | None
    finished: datetime | None
    current: bool
    """Whether it is the current state, not that before a restart."""

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
        """The field of the container's status."""
        return "state" if self.current else "lastState"

    @property
    def seconds(self) -> float | None:
        """Duration of the run."""
        return (self.finished - self.started).total_seconds() if self.started and self.finished else None
