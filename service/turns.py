"""Which of several workers takes the next connection: the one that has fewest, if it does so soon.

All of them wait for the same socket. Left to chance, one has seven of eight clients and makes them wait for each other.
"""

import time
from collections.abc import Callable, Sequence

from service.slots import Slot

PATIENCE_SECONDS = 0.002
"""How long a connection is left to another worker, which may be too busy to see it."""

SLACK = 8
"""One more than another has, for each so many of its own, is no reason to leave it: with hundreds to refuse, a worker
looks for new ones ten times a second, and would take one at a time."""


class Turns:
    """For the one thread that accepts connections for the worker in the slot ``own``."""

    def __init__(self, slots: Sequence[Slot], own: Slot, clock: Callable[[], float] = time.monotonic) -> None:
        self._others = [slot for slot in slots if slot is not own]
        self._own = own
        self._clock = clock
        self._until: float | None = None
        self._told = own.connections

    def tell(self, connections: int | None) -> None:
        """Let the others know how many this one has, or ``None`` if it takes none."""
        if connections != self._told:
            self._own.connections = self._told = connections

    @property
    def others(self) -> bool:
        """Whether there is another one that takes connections."""
        return any(slot.connections is not None for slot in self._others)

    def leaves(self, connections: int) -> bool:
        """Whether the next one is left to another for now; not again when that has just been done."""
        left, self._until = self._until, None
        if left is not None and self._clock() < left + PATIENCE_SECONDS:
            return False
        fewest = min((have for slot in self._others if (have := slot.connections) is not None), default=connections)
        if fewest >= connections - connections // SLACK:
            return False
        self._until = self._clock() + PATIENCE_SECONDS
        return True

    @property
    def remaining(self) -> float:
        """Seconds for which connections are still to be left to others."""
        return 0.0 if self._until is None else max(0.0, self._until - self._clock())
