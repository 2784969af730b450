"""Findings: a cause with its evidence and fix."""

from dataclasses import dataclass, field, replace
from enum import StrEnum


class Confidence(StrEnum):
    """The confidence of a finding."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


HIGH, MEDIUM, LOW = Confidence


@dataclass(frozen=True)
class Evidence:
    """One observation: object, field and value."""

    object: str
    field: str
    value: str


@dataclass(frozen=True)
class Finding:
    """A cause; ``sentence`` describes it without naming a pod."""

    cause: str
    sentence: str
    confidence: Confidence = HIGH
    evidence: tuple[Evidence, ...] = ()
    next: tuple[str, ...] = ()
    fix: tuple[str, ...] = ()
    pods: tuple[str, ...] = ()
    old: bool = field(default=False)
    """Whether it is about pods of an older revision only."""

    def also(self, other: "Finding") -> "Finding":
        """The same finding for more pods."""
        return replace(self, pods=(*self.pods, *other.pods), old=self.old and other.old)
