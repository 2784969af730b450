"""What goes through the batcher, and what comes out of it."""

from concurrent.futures import Future
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


@dataclass
class Job:
    """Images ``[N, 32, 32, 3]`` uint8 of one request, waiting for :meth:`Batcher.wait`. Times are monotonic."""

    images: NDArray[np.uint8]
    deadline: float
    submitted: float
    origin: object = None
    """Whatever tells ``on_batch`` where the job came from."""
    answer: "Future[Answer]" = field(default_factory=Future)
