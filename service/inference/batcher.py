"""The bounded queue between request threads and the thread that computes.

The batcher drains and does not wait: it takes the oldest job, then whatever is queued already, up to ``max_batch``
images. A lone request is never delayed to form a batch. The queue is counted in images, since images cost time.
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
from service.inference.job import Answer, Batch, Job

log = logging.getLogger("cifar10")

Predict = Callable[[NDArray[np.uint8]], NDArray[np.float32]]


class Batcher:
    """Owns the queue and the computing thread; all methods may be called from any thread.

    ``trace`` and ``on_batch`` get every computed batch, on the computing thread, so they must return quickly; the
    result of ``trace`` becomes the batch's ``span``.
    """

    def __init__(
        self,
        predict: Predict,
        *,
        capacity: int,
        max_batch: int,
        on_batch: Callable[[Batch], object] = lambda batch: None,
        trace: Callable[[Batch], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.capacity = capacity
        self._predict = predict
        self._max_batch = max_batch
        self._on_batch = on_batch
        self._trace = trace
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
        """Images in the queue."""
        return self._depth

    def start(self) -> None:
        self._thread.start()

    def require_room(self) -> None:
        """Raise what :meth:`submit` would raise for one image now, so that a request can be refused early."""
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
        """The job's answer; raises :class:`DeadlineExceeded` after its deadline, or what the engine raised."""
        try:
            return job.answer.result(max(0.0, job.deadline - self._clock()))
        except TimeoutError:
            raise _too_late(job, self._clock()) from None

    def alive(self, max_batch_seconds: float) -> bool:
        """Whether the thread runs and has not been computing one batch for ``max_batch_seconds``."""
        busy_since = self._busy_since
        return self._thread.is_alive() and (busy_since is None or self._clock() - busy_since < max_batch_seconds)

    def close(self, timeout: float) -> bool:
        """Take no more jobs and finish the queued ones; whether that was done within ``timeout`` seconds."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _require(self, places: int) -> None:
        if self._closed:
            raise Draining("The server is shutting down and takes no more work.")
        if self._depth + places > self.capacity:
            milliseconds = self._throughput.milliseconds(self._depth)
            raise QueueFull(
                f"{self._depth} of {self.capacity} places in the queue are taken; the request needs {places}.",
                headers={"Retry-After": str(math.ceil(milliseconds / 1000))},
                members={"retry_after_ms": milliseconds},
            )

    def _run(self) -> None:
        while batch := self._take():
            self._busy_since = self._clock()
            self._compute(batch)
            self._busy_since = None

    def _take(self) -> list[Job]:
        """Wait for a job and take what fits into one batch; empty when closed and drained."""
        with self._changed:
            while True:
                if not self._jobs:
                    while not self._jobs and not self._closed:
                        self._changed.wait()
                    self._throughput.begin()
                batch: list[Job] = []
                size = 0
                while self._jobs and (not batch or size + len(self._jobs[0].images) <= self._max_batch):
                    job = self._jobs.popleft()
                    self._depth -= len(job.images)
                    if self._clock() < job.deadline:
                        batch.append(job)
                        size += len(job.images)
                    else:
                        job.answer.set_exception(_too_late(job, self._clock()))
                if batch or (self._closed and not self._jobs):
                    return batch

    def _compute(self, jobs: list[Job]) -> None:
        taken = self._clock()
        try:
            images = _joined([job.images for job in jobs])
            started = self._clock()
            # One request may hold more images than a batch: it is computed alone, in several steps.
            pieces = (images[i : i + self._max_batch] for i in range(0, len(images), self._max_batch))
            logits = _joined([self._predict(piece) for piece in pieces])
        except Exception as error:
            for job in jobs:
                job.answer.set_exception(error)
            self._throughput.begin()
            return
        batch = Batch(len(images), taken, started, self._clock() - started, tuple(job.origin for job in jobs))
        self._throughput.add(batch.size)
        try:
            batch = replace(batch, span=self._trace(batch)) if self._trace else batch
            self._on_batch(batch)
        except Exception:  # an error in telemetry must not fail the request
            log.exception("recording a batch failed")
        offset = 0
        for job in jobs:
            part = logits[offset : offset + len(job.images)]
            offset += len(job.images)
            job.answer.set_result(Answer(part, batch))


class Throughput:
    """Images per second while the queue is not empty: a moving average, updated after each batch by one thread."""

    UNKNOWN_MILLISECONDS = 1000  # answered while nothing has been measured yet
    SMOOTHING = 0.2  # weight of the newest batch

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._rate = 0.0

    def begin(self) -> None:
        """The queue is no longer empty."""
        self._since = self._clock()

    def add(self, images: int) -> None:
        """Images computed since the last call of either method."""
        now = self._clock()
        rate = images / max(now - self._since, 1e-6)
        self._since = now
        self._rate = rate if self._rate == 0.0 else (1 - self.SMOOTHING) * self._rate + self.SMOOTHING * rate

    def milliseconds(self, images: int) -> int:
        """The time that this number of images will take, at least 1."""
        return max(1, math.ceil(1000 * images / self._rate)) if self._rate else self.UNKNOWN_MILLISECONDS


def _joined(arrays: list[NDArray[Any]]) -> NDArray[Any]:
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _too_late(job: Job, now: float) -> DeadlineExceeded:
    return DeadlineExceeded(f"The prediction was not ready {now - job.submitted:.2f} s after the request was queued.")
