"""What goes through the batcher, and what comes out of it. All times are monotonic seconds."""

from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Batch:
    """A computed batch of ``size`` images; it left the queue at ``taken`` and was computed from ``started``.

    ``origins`` are those of its jobs; ``span`` is what the batcher's ``trace`` returned.
    """

    size: int
    taken: float
    started: float
    seconds: float
    origins: tuple[object, ...]
    span: object = None


@dataclass(frozen=True)
class Answer:
    """The logits ``[N, 10]`` of a job, and its batch."""

    logits: NDArray[np.float32]
    batch: Batch


@dataclass(frozen=True)
class Job:
    """Images ``[N, 32, 32, 3]`` uint8 of one request, and the future that gets their answer."""

    images: NDArray[np.uint8]
    deadline: float
    submitted: float
    origin: object = None
    """The span of the request, if there is one."""
    answer: "Future[Answer]" = field(default_factory=Future)
