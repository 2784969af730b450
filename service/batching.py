"""The bounded queue between request threads and the one thread that computes.

The batcher drains and does not wait: it takes the oldest job, then whatever is queued already, up to ``max_batch``
images. A lone request is never held back for company; batches form by themselves when requests come faster than
they can be computed. The queue is counted in images, since that is what costs time.
"""

import logging
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from service.errors import DeadlineExceeded, Draining, QueueFull
from service.jobs import Answer, Batch, Job
from service.throughput import Throughput

log = logging.getLogger("cifar10")

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Batcher:
    """Owns the queue and the computing thread. All methods may be called from any thread."""

    def __init__(
        self, predict: Predict, *, capacity: int, max_batch: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.capacity = capacity
        self.on_batch: Callable[[Batch], object] = lambda batch: None
        """Told of every computed batch, on the computing thread, so it must not linger."""
        self._predict = predict
        self._max_batch = max_batch
        self._clock = clock
        self._jobs: deque[Job] = deque()
        self._depth = 0
        self._changed = threading.Condition()
        self._closed = False
        self._throughput = Throughput(clock)
        self._busy_since: float | None = None
        self._thread = threading.Thread(target=self._run, name="batcher", daemon=True)

    @property
    def depth(self) -> int:
        """Images waiting now."""
        return self._depth

    @property
    def room(self) -> int:
        """Images that the queue still takes, as of now and without a lock; less than 1 where it is full."""
        return self.capacity - self._depth

    def start(self) -> None:
        self._thread.start()

    def require_room(self) -> None:
        """Raise what :meth:`submit` would raise for one image now: to refuse before anything was spent on it."""
        with self._changed:
            self._require(1)

    def submit(self, images: NDArray[np.uint8], deadline: float, origin: object = None) -> Job:
        """Queue images ``[N, 32, 32, 3]`` to be computed before ``deadline`` (monotonic seconds).

        Raises :class:`QueueFull`, with a Retry-After from the measured rate, or :class:`Draining`.
        """
        job = Job(images, deadline, self._clock(), origin)
        with self._changed:
            self._require(len(images))
            self._jobs.append(job)
            self._depth += len(images)
            self._changed.notify()
        return job

    def wait(self, job: Job) -> Answer:
        """The job's answer; raises :class:`DeadlineExceeded` when it comes too late, or what the engine raised."""
        try:
            return job.wait(max(0.0, job.deadline - self._clock()))
        except TimeoutError:
            raise _too_late(job, self._clock()) from None

    def alive(self, longest_batch: float) -> bool:
        """Whether the thread runs and has not been computing one batch for ``longest_batch`` seconds."""
        busy_since = self._busy_since
        return self._thread.is_alive() and (busy_since is None or self._clock() - busy_since < longest_batch)

    def close(self, timeout: float) -> bool:
        """Take no more jobs, finish the queued ones; whether that was done within ``timeout`` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.ident is None:
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _require(self, places: int) -> None:
        if self._closed:
            raise Draining("The server has stopped taking new work.")
        if self._depth + places > self.capacity:
            raise self.full(places)

    def full(self, places: int = 1, coming: int = 0) -> QueueFull:
        """The refusal of a request for so many places while ``coming`` others are on their way to the queue."""
        depth = self._depth
        others = f" and {coming} requests are on their way to it" if coming else ""
        milliseconds = self._throughput.milliseconds(depth + coming)
        return QueueFull(
            f"{depth} of {self.capacity} places in the queue are taken{others}; the request needs {places}.",
            headers={"Retry-After": str(math.ceil(milliseconds / 1000))},
            members={"retry_after_ms": milliseconds},
        )

    def _run(self) -> None:
        while batch := self._take():
            self._busy_since = self._clock()
            self._compute(batch)
            self._busy_since = None

    def _take(self) -> list[Job]:
        """Wait for a job and take what fits one batch; empty when closed and drained."""
        with self._changed:
            while True:
                if not self._jobs:
                    while not self._jobs and not self._closed:
                        self._changed.wait()
                    self._throughput.begun()
                batch: list[Job] = []
                size = 0
                while self._jobs and (not batch or size + len(self._jobs[0].images) <= self._max_batch):
                    job = self._jobs.popleft()
                    self._depth -= len(job.images)
                    if self._still_wanted(job):
                        batch.append(job)
                        size += len(job.images)
                if batch or (self._closed and not self._jobs):
                    return batch

    def _still_wanted(self, job: Job) -> bool:
        if self._clock() < job.deadline:
            return True
        job.finish(_too_late(job, self._clock()))
        return False

    def _compute(self, jobs: list[Job]) -> None:
        taken = self._clock()
        try:
            images = _joined([job.images for job in jobs])
            started = self._clock()
            # One request may hold more images than a batch: it is computed alone, piece by piece.
            pieces = (images[i : i + self._max_batch] for i in range(0, len(images), self._max_batch))
            logits = _joined([self._predict(piece) for piece in pieces])
        except Exception as error:
            for job in jobs:
                job.finish(error)
            self._throughput.begun()
            return
        spent = self._clock() - started
        self._throughput.computed(len(images))
        batch = self._tell(Batch(len(images), taken, started, spent, tuple(job.origin for job in jobs)))
        offset = 0
        for job in jobs:
            part = logits[offset : offset + len(job.images)]
            offset += len(job.images)
            job.finish(Answer(part, job.submitted, batch))

    def _tell(self, batch: Batch) -> Batch:
        try:
            return replace(batch, mark=self.on_batch(batch))
        except Exception:  # whoever watches must not cost anybody the prediction
            log.exception("watching a batch failed")
            return batch


def _joined(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _too_late(job: Job, now: float) -> DeadlineExceeded:
    return DeadlineExceeded(f"There was no prediction before the deadline; the queue took {now - job.submitted:.2f} s.")
