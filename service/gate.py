"""Keeps what needs much memory from happening everywhere at once."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from service.errors import DeadlineExceeded


class Gate:
    """Lets at most ``slots`` threads through at a time; the others wait their turn or until their deadline."""

    def __init__(self, what: str, slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._slots = threading.BoundedSemaphore(slots)
        self._clock = clock

    @contextmanager
    def hold(self, deadline: float) -> Iterator[None]:
        """Hold a slot for the block; raises :class:`DeadlineExceeded` when none is free by ``deadline`` (monotonic)."""
        if not self._slots.acquire(timeout=max(0.0, deadline - self._clock())):
            raise DeadlineExceeded(f"Too many {self._what} at once: no turn for this one in time.")
        try:
            yield
        finally:
            self._slots.release()
