"""Before, during and after."""

from dataclasses import dataclass
from itertools import pairwise

NAMES = ("before", "during", "after")


@dataclass(frozen=True)
class Phases:
    """In seconds since the start: when the command began, when the rollout was complete, and the end."""

    began: float
    completed: float
    ended: float

    def of(self, due: float) -> str:
        """A request belongs to the phase in which it was due, whenever its answer came."""
        if due < self.began:
            return "before"
        return "during" if due < self.completed else "after"

    def spans(self) -> dict[str, tuple[float, float]]:
        return dict(zip(NAMES, pairwise((0.0, self.began, self.completed, self.ended)), strict=True))
