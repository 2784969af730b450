"""The server's state, the named readiness checks, and work with a time limit at shutdown."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """``loading -> warming -> ready -> draining``; ``failed`` from the first two. No state is entered twice."""

    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"
    DRAINING = "draining"
    FAILED = "failed"


STARTING = frozenset({State.LOADING, State.WARMING})
CHECKS = ("weights", "warm_up", "golden_images", "not_draining")


@dataclass(frozen=True)
class Check:
    """One condition of readiness; ``detail`` is shown by /readyz."""

    passed: bool
    detail: str


class Lifecycle:
    """The state and the checks; may be read and changed from any thread, and from a signal handler.

    ``on_change`` gets the :meth:`report` after every change, on the thread that made it, while the lock is held.
    """

    def __init__(
        self,
        on_change: Callable[[dict[str, Any]], object] = lambda report: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        # Re-entrant: the SIGTERM handler runs in the main thread, which may hold the lock at that moment.
        self._lock = threading.RLock()
        self._on_change = on_change
        self._clock = clock
        self._state = State.LOADING
        self._since = clock()
        self._checks = {name: Check(False, "not done yet") for name in CHECKS}
        self._checks["not_draining"] = Check(True, "serving")

    @property
    def state(self) -> State:
        return self._state

    @property
    def ready(self) -> bool:
        return self._state is State.READY

    def checks(self) -> dict[str, Check]:
        with self._lock:
            return dict(self._checks)

    def report(self) -> dict[str, Any]:
        """State and checks, as /readyz answers them; ``since`` is in seconds since the epoch."""
        with self._lock:
            checks = {name: {"passed": check.passed, "detail": check.detail} for name, check in self._checks.items()}
            return {"ready": self.ready, "state": self._state, "since": self._since, "checks": checks}

    def passed(self, check: str, detail: str) -> None:
        with self._lock:
            self._checks[check] = Check(True, detail)
            self._on_change(self.report())

    def failed(self, check: str, detail: str) -> None:
        """A check failed for good: the server stays up and unready."""
        with self._lock:
            self._checks[check] = Check(False, detail)
            self._enter(State.FAILED)

    def warming(self) -> None:
        self._enter(State.WARMING)

    def serve(self) -> None:
        """Become ready, unless the server is draining."""
        with self._lock:
            if all(check.passed for check in self._checks.values()):
                self._enter(State.READY)

    def drain(self) -> None:
        """Become unready for good; requests are still answered."""
        with self._lock:
            self._checks["not_draining"] = Check(False, "shutting down; requests are still answered")
            self._enter(State.DRAINING)

    def _enter(self, state: State) -> None:
        with self._lock:
            if self._state is State.DRAINING or self._state is state:
                return
            self._state = state
            self._since = self._clock()
            self._on_change(self.report())


def run_with_timeout(work: Callable[[], object], seconds: float, name: str) -> None:
    """Run ``work`` on a daemon thread and wait for it ``seconds`` at most.

    Safe in a signal handler: the interrupted thread may hold a lock that ``work`` needs.
    """
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
