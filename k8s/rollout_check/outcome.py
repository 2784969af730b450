"""The result of a request, and the phase of the run that it belongs to."""

from dataclasses import dataclass
from itertools import pairwise

PHASES = ("before", "during", "after")

LONGEST = 60
"""Maximum length of a text from the server, in characters."""


class Lost(Exception):
    """There was no correct response; ``kind`` is one of a few, ``detail`` is specific."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind[:LONGEST]
        self.detail = " ".join(detail.split())[: 2 * LONGEST]


class Unsent(Exception):
    """This machine could not send the request, which is not the server's fault."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one request; times in seconds, ``due`` and ``ended`` since the start.

    ``late`` is the delay of the client before it sent the request. It is part of ``latency``.
    """

    due: float
    ended: float
    late: float
    kept: bool
    version: str = ""
    pod: str = ""
    lost: str = ""
    detail: str = ""

    @property
    def latency(self) -> float:
        """Time since the request was due."""
        return self.ended - self.due


@dataclass(frozen=True)
class Phases:
    """Times in seconds since the start: of the command, of the completed rollout, and of the end."""

    began: float
    completed: float
    ended: float

    def of(self, due: float) -> str:
        """The phase in which a request was due."""
        if due < self.began:
            return "before"
        return "during" if due < self.completed else "after"

    def spans(self) -> dict[str, tuple[float, float]]:
        return dict(zip(PHASES, pairwise((0.0, self.began, self.completed, self.ended)), strict=True))
