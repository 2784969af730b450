"""The drills, read from ``k8s/faults/*/expect.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ROOT / "k8s" / "faults"
ADDED = "added"
"""In ``injected``: the whole object is the fault's."""


@dataclass(frozen=True)
class Event:
    reason: str
    message: str
    """A regular expression."""


@dataclass(frozen=True)
class Exit:
    """How a container ended the last time."""

    reason: str
    code: int


@dataclass(frozen=True)
class Signals:
    """What the API shows; ``other`` is prose for what is none of these."""

    waiting: tuple[str, ...] = ()
    last_exit: Exit | None = None
    event: Event | None = None
    other: str | None = None


@dataclass(frozen=True)
class Drill:
    """One fault, what it looks like and what ends it."""

    name: str
    title: str
    status: tuple[str, ...]
    signals: Signals
    cause: str
    alert: str | None
    serving: str
    fix: str
    injected: Mapping[str, Any] = field(repr=False)
    teaches: str | None = None
    why_no_alert: str | None = None

    @property
    def path(self) -> str:
        """The overlay, as kubectl is told it from the root of the repository."""
        return f"k8s/faults/{self.name}"

    @property
    def added(self) -> tuple[str, ...]:
        """``Kind/name`` of each object that is not part of the healthy workload."""
        return tuple(name for name, change in self.injected.items() if change == ADDED)


def names() -> list[str]:
    return sorted(path.parent.name for path in FAULTS.glob("*/kustomization.yaml"))


def load(name: str) -> Drill:
    """Raise :class:`FileNotFoundError` if there is no such drill."""
    told = yaml.safe_load((FAULTS / name / "expect.yaml").read_text())
    signals = told.pop("signals")
    return Drill(
        name=name,
        status=tuple(told.pop("status")),
        signals=Signals(
            waiting=tuple(signals.get("waiting", ())),
            last_exit=Exit(**signals["last_exit"]) if "last_exit" in signals else None,
            event=Event(**signals["event"]) if "event" in signals else None,
            other=signals.get("other"),
        ),
        **told,
    )


def drills() -> list[Drill]:
    return [load(name) for name in names()]
