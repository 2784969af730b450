"""Records requests on a thread of its own: counting, tracing and logging do not delay the answer.

Recording in the request's thread takes 9 to 20 % more processor time per request (benchmarks/transport.py).
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from service.settings import LAST_RECORDS_SECONDS
from service.telemetry.observation import Observation

INTERVAL_SECONDS = 0.1
"""How long an observation waits for others; a scrape records all waiting ones first."""

BATCH = 50  # observations recorded at once

CAPACITY = 500
"""Observations that may wait. Beyond that, the request's own thread records a batch first."""

TIMEOUT_SECONDS = 1.0
"""How long a request's thread waits for the recording thread to do so."""

Watcher = Callable[[Sequence[Observation]], None]

log = logging.getLogger("cifar10")


class Recorder:
    """Calls every watcher with the new observations, in order; an exception of a watcher is logged.

    ``on_loss`` is called with the number of requests that some watcher has not recorded.
    """

    def __init__(
        self,
        watchers: Sequence[Watcher],
        on_loss: Callable[[int], object] = lambda requests: None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._watchers = watchers
        self._on_loss = on_loss
        self._timeout = timeout
        self._waiting: deque[Observation] = deque()
        self._stuck = False
        self._recording = threading.Lock()
        self._added = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, observation: Observation) -> None:
        """Record an observation soon. It is dropped, and counted as lost, if there is no capacity in time."""
        # While a watcher hangs, only one request waits for it.
        timeout = 0 if self._stuck else self._timeout
        if len(self._waiting) >= CAPACITY and self._record_batch(timeout) is None:
            self._stuck = True
            self._on_loss(1)
            return
        self._waiting.append(observation)
        if self._stopping.is_set():
            self.flush(LAST_RECORDS_SECONDS)
        elif not self._added.is_set():
            self._added.set()

    def flush(self, timeout: float = -1) -> bool:
        """Record what has been added so far; ``False`` if another thread has been recording for ``timeout`` seconds.

        Not for a signal handler: the interrupted thread may hold the lock.
        """
        left = len(self._waiting)
        while True:  # at least once: another thread may be recording what it has taken
            recorded = self._record_batch(timeout)
            if recorded is None:
                return False
            left -= recorded
            if left <= 0 or not recorded:
                return True

    def stop(self) -> None:
        """Record what is left. Later observations are recorded immediately."""
        self._stopping.set()
        self._added.set()
        self.flush()

    def _record_batch(self, timeout: float) -> int | None:
        """The number of observations recorded, or ``None`` after ``timeout`` seconds of waiting for the lock."""
        if not self._recording.acquire(timeout=timeout):
            return None
        try:
            taken = [self._waiting.popleft() for _ in range(min(len(self._waiting), BATCH))]
            if taken:
                self._notify(taken)
            if self._stuck:
                self._stuck = False
                log.warning("requests were not recorded, because recording took too long")
        finally:
            self._recording.release()
        return len(taken)

    def _notify(self, taken: Sequence[Observation]) -> None:
        failed = False
        for watch in self._watchers:
            try:
                watch(taken)
            except Exception:  # an error in telemetry must not fail a request
                failed = True
                log.exception("recording %d requests failed", len(taken))
        if failed:
            self._on_loss(len(taken))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._added.wait()
            self._stopping.wait(INTERVAL_SECONDS)
            self._added.clear()
            self.flush()
