"""What state the server is in, and the named checks that say why."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """``loading -> warming -> ready -> draining``; ``failed`` from the first two. Nothing leads back."""

    LOADING = "loading"
    WARMING = "warming"
    READY = "ready"
    DRAINING = "draining"
    FAILED = "failed"


STARTING = frozenset({State.LOADING, State.WARMING})
CHECKS = ("weights", "warm_up", "golden_images", "not_draining")


@dataclass(frozen=True)
class Check:
    """One condition of readiness; ``detail`` is a sentence for the person who reads /readyz."""

    passed: bool
    detail: str


class Lifecycle:
    """The server's state and checks; may be read and changed from any thread, and from a signal handler."""

    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        # Re-entrant: SIGTERM's handler runs in the main thread, which may hold the lock at that moment.
        self._lock = threading.RLock()
        self.on_change: Callable[[], object] = lambda: None
        """Called when something has changed, by whoever changed it."""
        self._clock = clock
        self._state = State.LOADING
        self._since = clock()
        self._checks = {name: Check(False, "not done yet") for name in CHECKS}
        self._checks["not_draining"] = Check(True, "serving")

    @property
    def state(self) -> State:
        return self._state

    @property
    def since(self) -> float:
        """When the state was entered, in seconds since the epoch."""
        return self._since

    @property
    def ready(self) -> bool:
        return self._state is State.READY

    @property
    def starting(self) -> bool:
        """Whether it is not known yet if it will ever be ready."""
        return self._state in STARTING

    @property
    def accepting(self) -> bool:
        """Whether predictions are answered: when ready, and while draining after having been ready."""
        return self._state is State.READY or (
            self._state is State.DRAINING and all(self._checks[name].passed for name in CHECKS[:-1])
        )

    def checks(self) -> dict[str, Check]:
        with self._lock:
            return dict(self._checks)

    def report(self) -> dict[str, Any]:
        """All of it, as /readyz answers it."""
        with self._lock:
            checks = {name: {"passed": check.passed, "detail": check.detail} for name, check in self._checks.items()}
            return {"ready": self.ready, "state": self._state, "since": self._since, "checks": checks}

    def passed(self, check: str, detail: str) -> None:
        with self._lock:
            self._checks[check] = Check(True, detail)
            self.on_change()

    def failed(self, check: str, detail: str) -> None:
        """A check that can't be passed any more: the server stays up and unready, and says why."""
        with self._lock:
            self._checks[check] = Check(False, detail)
            self._enter(State.FAILED)

    def warming(self) -> None:
        self._enter(State.WARMING)

    def serve(self) -> None:
        """Become ready, unless shutting down has begun meanwhile."""
        with self._lock:
            if all(check.passed for check in self._checks.values()):
                self._enter(State.READY)

    def drain(self) -> None:
        """Become unready for good; what is asked meanwhile is still answered."""
        with self._lock:
            self._checks["not_draining"] = Check(False, "shutting down; still answering what arrives")
            self._enter(State.DRAINING)

    def _enter(self, state: State) -> None:
        with self._lock:
            if self._state is State.DRAINING or self._state is state:
                return
            self._state = state
            self._since = self._clock()
            self.on_change()
