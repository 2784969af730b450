"""Takes what was seen of requests off their threads, and hands it to metrics, traces and logs in bulk.

Counting, formatting and writing one request takes about as long as the rest of handling it, under the one lock that
all Python code shares. Here a thread does it for many requests at once, after they have been answered.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable, Sequence

from service.telemetry.observation import Observation

GATHER_SECONDS = 0.05
"""How long an observation may wait for company; what is scraped is complete all the same."""

MOST_WAITING = 500
"""With so many waiting, the next request's own thread records them: nothing is ever dropped."""

Watcher = Callable[[Sequence[Observation]], None]

log = logging.getLogger("cifar10")


class Recorder:
    """Calls every watcher with the observations since the last call, in order; a watcher that fails is logged."""

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        self._watchers = watchers
        self._waiting: deque[Observation] = deque()
        self._recording = threading.Lock()
        self._something = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def add(self, observation: Observation) -> None:
        """Leave an observation to be recorded soon."""
        self._waiting.append(observation)
        if len(self._waiting) >= MOST_WAITING:
            self.flush()
        elif not self._something.is_set():
            self._something.set()

    def flush(self) -> None:
        """Record what has been added so far, and return when that is done."""
        with self._recording:
            taken = [self._waiting.popleft() for _ in range(len(self._waiting))]
            for watch in self._watchers if taken else ():
                try:
                    watch(taken)
                except Exception:  # whatever goes wrong with watching requests, the requests themselves did not
                    log.exception("recording %d requests failed", len(taken))

    def stop(self) -> None:
        """Record what is left. What comes later is recorded by the next :meth:`flush`."""
        self._stopping.set()
        self._something.set()
        if self._thread.ident is not None:
            self._thread.join()
        self.flush()

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._something.wait()
            self._stopping.wait(GATHER_SECONDS)
            self._something.clear()
            self.flush()
