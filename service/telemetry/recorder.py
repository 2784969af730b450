"""Takes what was seen of requests off their threads, and hands it to metrics, traces and logs in bulk.

Counting, formatting and writing one request takes about as long as the rest of handling it, under the one lock that
all Python code shares. Here a thread does it for many requests at once, after they have been answered.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from service.settings import LAST_RECORDS_SECONDS
from service.telemetry.observation import Observation

GATHER_SECONDS = 0.1
"""How long an observation waits for company; what is scraped is complete all the same."""

MOST_AT_ONCE = 50
"""Longer turns would be noticed by the requests that are handled beside them."""

MOST_WAITING = 500
"""With so many waiting, the next request's own thread records some of them first, if it may wait."""

PATIENCE_SECONDS = 1.0
"""How long a request waits for that, if the watchers, as with a lock that somebody holds, do not return."""

MOST_LEFT_WAITING = 5000
"""With so many waiting, what comes from who must not wait is given up."""

FOR_EVER = -1.0

Watcher = Callable[[Sequence[Observation]], None]

log = logging.getLogger("cifar10")


class Recorder:
    """Calls every watcher with the observations since the last call, in order; a watcher that fails is logged.

    A request that runs out of ``patience`` (seconds) is given up, and so are those after it until there is room again.
    ``on_loss`` is told how many requests some watcher has not recorded, whenever that happens.
    """

    def __init__(
        self,
        watchers: Sequence[Watcher],
        on_loss: Callable[[int], object] = lambda requests: None,
        patience: float = PATIENCE_SECONDS,
    ) -> None:
        self._watchers = watchers
        self._on_loss = on_loss
        self._patience = patience
        self._waiting: deque[Observation] = deque()
        self._given_up: deque[None] = deque()
        self._recording = threading.Lock()
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, observation: Observation, *, may_wait: bool = True) -> None:
        """Leave an observation to be recorded soon; whether the caller's thread may wait for others to be."""
        if not self._has_room(may_wait):
            self._given_up.append(None)
            self._on_loss(1)
            return
        self._waiting.append(observation)
        if self._stopping.is_set():
            self.flush(LAST_RECORDS_SECONDS)
        elif not self._something.is_set():
            self._something.set()

    def _has_room(self, may_wait: bool) -> bool:
        if not may_wait:
            return len(self._waiting) < MOST_LEFT_WAITING
        if len(self._waiting) < MOST_WAITING:
            return True
        return self._record_some(0 if self._given_up else self._patience) is not None

    def flush(self, wait: float = FOR_EVER) -> bool:
        """Record what has been added so far; ``False`` if a watcher has not returned to others for ``wait`` seconds.

        Not for a signal handler: the thread it interrupts may hold what is waited for.
        """
        left = len(self._waiting)
        while True:  # at least once: what others have taken is recorded only when they let go
            recorded = self._record_some(wait)
            if recorded is None:
                return False
            left -= recorded
            if left <= 0 or not recorded:
                return True

    def _record_some(self, wait: float) -> int | None:
        """Record :data:`MOST_AT_ONCE` at most; how many, or ``None`` if others did not let go in ``wait`` seconds."""
        if not self._recording.acquire(timeout=wait):
            return None
        try:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), MOST_AT_ONCE))]
            if taken:
                self._show(taken)
            if self._given_up:
                log.warning("%d requests were not recorded: it took too long", len(self._given_up))
                self._given_up.clear()
        finally:
            self._recording.release()
        return len(taken)

    def stop(self) -> None:
        """Record what is left. What comes later is recorded as it comes."""
        self._stopping.set()
        self._something.set()
        self.flush()

    def _show(self, taken: Sequence[Observation]) -> None:
        failed = False
        for watch in self._watchers:
            try:
                watch(taken)
            except Exception:  # whatever goes wrong with watching requests, the requests themselves did not
                failed = True
                log.exception("recording %d requests failed", len(taken))
        if failed:
            self._on_loss(len(taken))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._something.wait()
            self._stopping.wait(GATHER_SECONDS)
            self._something.clear()
            self.flush()
