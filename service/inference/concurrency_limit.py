"""A limit on how many threads use much memory at the same time."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from service.errors import DeadlineExceeded


class ConcurrencyLimit:
    """A semaphore with ``slots`` slots whose waiters give up at a deadline; ``what`` names the work in errors."""

    def __init__(self, what: str, slots: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._what = what
        self._slots = threading.BoundedSemaphore(slots)
        self._clock = clock

    @contextmanager
    def hold(self, deadline: float) -> Iterator[None]:
        """Hold a slot for the block; raises :class:`DeadlineExceeded` if none is free by ``deadline`` (monotonic)."""
        if not self._slots.acquire(timeout=max(0.0, deadline - self._clock())):
            raise DeadlineExceeded(f"The server processed too many {self._what} to start this one in time.")
        try:
            yield
        finally:
            self._slots.release()
