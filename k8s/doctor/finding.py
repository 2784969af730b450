"""What the families of causes report: a cause, what speaks for it, and what to do."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Confidence(StrEnum):
    """How sure the doctor is."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


HIGH, MEDIUM, LOW = Confidence


@dataclass(frozen=True)
class Evidence:
    """One thing that was seen: in which object, in which field, and what it says."""

    object: str
    field: str
    value: str


@dataclass(frozen=True)
class Finding:
    """A cause that was found; ``sentence`` names what exactly, without naming a single pod."""

    cause: str
    sentence: str
    confidence: Confidence = HIGH
    evidence: tuple[Evidence, ...] = ()
    next: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    pods: tuple[str, ...] = ()
    old: bool = field(default=False)
    """It is about pods of an older revision only."""

    def also(self, other: "Finding") -> "Finding":
        """The same cause in more pods."""
        return replace(self, pods=(*self.pods, *other.pods), old=self.old and other.old)
