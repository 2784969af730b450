"""The drills, read from ``k8s/faults/*/expect.yaml``."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
FAULTS = ROOT / "k8s" / "faults"
ADDED = "added"
"""In ``injected``: the fault adds the whole object."""


@dataclass(frozen=True)
class Event:
    reason: str
    message: str
    """A regular expression."""


@dataclass(frozen=True)
class Exit:
    """The last termination of a container."""

    reason: str
    code: int


@dataclass(frozen=True)
class Signals:
    """Signs of the fault in the API; ``other`` describes signs that the drill does not check."""

    waiting: tuple[str, ...] = ()
    last_exit: Exit | None = None
    event: Event | None = None
    other: str | None = None


@dataclass(frozen=True)
class Drill:
    """One fault, its signs and its fix."""

    name: str
    title: str
    explanation: str
    status: tuple[str, ...]
    signals: Signals
    cause: str
    alert: str | None
    serving: str
    fix: str
    look: str
    """A command that shows the fault."""
    injected: Mapping[str, Any] = field(repr=False)
    cleanup: tuple[str, ...] = ()
    """Commands that remove the rest, after the fix and the healthy overlay."""
    why_no_alert: str | None = None

    @property
    def path(self) -> str:
        """The overlay, relative to the root of the repository."""
        return f"k8s/faults/{self.name}"

    @property
    def added(self) -> tuple[str, ...]:
        """``Kind/name`` of each object that the fault adds."""
        return tuple(name for name, change in self.injected.items() if change == ADDED)


def names() -> list[str]:
    return sorted(path.parent.name for path in FAULTS.glob("*/kustomization.yaml"))


def load(name: str) -> Drill:
    """Raises ``FileNotFoundError`` for an unknown name."""
    found = yaml.safe_load((FAULTS / name / "expect.yaml").read_text())
    signals = found.pop("signals")
    return Drill(
        name=name,
        status=tuple(found.pop("status")),
        cleanup=tuple(found.pop("cleanup", ())),
        signals=Signals(
            waiting=tuple(signals.get("waiting", ())),
            last_exit=Exit(**signals["last_exit"]) if "last_exit" in signals else None,
            event=Event(**signals["event"]) if "event" in signals else None,
            other=signals.get("other"),
        ),
        **found,
    )


def drills() -> list[Drill]:
    return [load(name) for name in names()]
