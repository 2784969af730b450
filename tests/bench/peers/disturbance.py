"""What else the machine did during a measurement."""

import os
import resource
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.peers.tree import TICKS

STAT = Path("/proc/stat")


def begin(own: Callable[[], float]) -> Callable[[], float]:
    """``own`` gives seconds of processor time spent so far on what is measured, this process and its children aside.

    Call what this returns at the end for the share of the cores, from 0 to 1, that other processes took and that other
    machines on the same host did.
    """
    start, before = time.monotonic(), _machine() - own() - _here()

    def end() -> float:
        taken = _machine() - own() - _here() - before
        return max(0.0, taken / (time.monotonic() - start) / (os.cpu_count() or 1))

    return end


def _here() -> float:
    """Of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in spent)


def _machine() -> float:
    """Of all processes, and stolen by the host."""
    _, user, nice, system, _, _, _, _, steal, *_ = STAT.read_text().split("\n", 1)[0].split()
    return sum(map(int, (user, nice, system, steal))) / TICKS
