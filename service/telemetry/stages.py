"""How long each stage of one request took."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

STAGES = ("wait", "receive", "decode", "queue", "batch", "inference", "wake", "encode")
"""The stages of a prediction, in order: waiting for a thread, receiving the request, decoding the images, waiting in
the queue, assembling the batch, computing it, waking the request's thread, and encoding the answer."""


class Stage(NamedTuple):
    """One stage; ``started`` is monotonic."""

    name: str
    started: float
    seconds: float


class Stages:
    """The stages of one request, in the order they ended; used by one thread.

    The request arrived at ``arrived`` and a thread took it at ``taken`` (monotonic); both default to now.
    """

    def __init__(self, arrived: float | None = None, taken: float | None = None) -> None:
        self.taken = time.monotonic() if taken is None else taken
        self.arrived = self.taken if arrived is None else min(arrived, self.taken)
        self.passed = [Stage("wait", self.arrived, self.taken - self.arrived)]

    @contextmanager
    def stage(self, name: str, since: float | None = None) -> Iterator[None]:
        """Time the block, also if it raises; from the moment ``since`` if it began earlier."""
        started = time.monotonic() if since is None else since
        try:
            yield
        finally:
            self.record(name, started, time.monotonic() - started)

    def record(self, name: str, started: float, seconds: float) -> None:
        """Add a stage that was measured elsewhere."""
        self.passed.append(Stage(name, started, seconds))

    def total(self) -> float:
        """Seconds since the request arrived."""
        return time.monotonic() - self.arrived

    def milliseconds(self) -> dict[str, float]:
        """The duration of each stage, rounded to the microsecond."""
        return {name: milliseconds(seconds) for name, _, seconds in self.passed}


def milliseconds(seconds: float) -> float:
    return round(1000 * seconds, 3)  # to the microsecond


def server_timing(stages: Mapping[str, float], total: float) -> str:
    """The Server-Timing header (https://www.w3.org/TR/server-timing) of a request; all in milliseconds."""
    return "".join([f"{name};dur={spent}, " for name, spent in stages.items()]) + f"total;dur={total}"
