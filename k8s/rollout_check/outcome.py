"""What became of a request."""

from dataclasses import dataclass

LONGEST = 60
"""Characters of what a server sent that are kept."""


class Lost(Exception):
    """No right answer came; ``kind`` is one of few, ``detail`` is this request's."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind[:LONGEST]
        self.detail = " ".join(detail.split())[: 2 * LONGEST]


class Unsent(Exception):
    """This machine could not send it: nothing that the server could do anything about."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one request that was sent, or tried to be; times in seconds, ``due`` and ``ended`` since the start.

    ``late`` is how much later than due it was begun, which is this machine's fault and within ``latency``.
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
        """From the moment it was due, whenever it was really sent."""
        return self.ended - self.due
