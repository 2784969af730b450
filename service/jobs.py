"""What goes through the batcher, and what comes out of it."""

import threading
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Batch:
    """One computed batch: how many images, when it was taken from the queue and computed (monotonic), for how long.

    ``origins`` are those of its jobs; ``mark`` is what ``on_batch`` returned for it.
    """

    size: int
    taken: float
    started: float
    seconds: float
    origins: tuple[object, ...]
    mark: object = None

    @property
    def ended(self) -> float:
        """When it was computed (monotonic)."""
        return self.started + self.seconds


@dataclass(frozen=True)
class Answer:
    """Logits ``[N, 10]`` of a job's images, when they were queued (monotonic), and the batch they were computed in."""

    logits: NDArray[np.float32]
    submitted: float
    batch: Batch


def _held() -> threading.Lock:
    lock = threading.Lock()
    lock.acquire()
    return lock


@dataclass
class Job:
    """Images ``[N, 32, 32, 3]`` uint8 of one request, and what becomes of them. Times are monotonic.

    One thread gives the outcome and one waits for it; a ``concurrent.futures.Future`` would do more, and take longer.
    """

    images: NDArray[np.uint8]
    deadline: float
    submitted: float
    origin: object = None
    """Whatever tells ``on_batch`` where the job came from."""
    _outcome: Answer | Exception | None = None
    _pending: threading.Lock = field(default_factory=_held)

    def finish(self, outcome: Answer | Exception) -> None:
        """Wake the one that waits."""
        self._outcome = outcome
        self._pending.release()

    def wait(self, seconds: float) -> Answer:
        """The answer, or the exception it was finished with; ``TimeoutError`` when it is not finished in time."""
        if not self._pending.acquire(timeout=seconds):
            raise TimeoutError
        if isinstance(self._outcome, Exception):
            raise self._outcome
        assert self._outcome is not None
        return self._outcome
