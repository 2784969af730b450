"""How long each stage of one request took."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

STAGES = ("wait", "receive", "decode", "queue", "batch", "inference", "wake", "encode")
"""In the order a prediction goes through them: waiting for a thread, reading the body, decoding the images, waiting
for the engine, putting the batch together, computing it, waking the thread that waits for it, and writing the
answer."""


class Stage(NamedTuple):
    """One stage; ``started`` is monotonic."""

    name: str
    started: float
    seconds: float


class Stages:
    """The stages of one request, in the order they ended; used by one thread.

    It arrived and was taken by that thread at these moments (monotonic), or now.
    """

    def __init__(self, arrived: float | None = None, taken: float | None = None) -> None:
        self.taken = time.monotonic() if taken is None else taken
        self.arrived = self.taken if arrived is None else arrived
        self.passed = [Stage("wait", self.arrived, self.taken - self.arrived)]

    @contextmanager
    def stage(self, name: str, since: float | None = None) -> Iterator[None]:
        """Time the block, also when it raises; from the moment ``since`` if it began before."""
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
        """Of each stage, as the answer's header and the log line tell them."""
        return {name: milliseconds(seconds) for name, _, seconds in self.passed}


def milliseconds(seconds: float) -> float:
    """To the nearest microsecond; ``round`` would take twice as long."""
    return int(1e6 * seconds + 0.5) / 1000


def server_timing(stages: Mapping[str, float], total: float) -> str:
    """The Server-Timing header (https://www.w3.org/TR/server-timing) of a request; all in milliseconds."""
    return "".join([f"{name};dur={spent}, " for name, spent in stages.items()]) + f"total;dur={total}"
