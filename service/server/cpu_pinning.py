"""Pins each worker to a CPU of its own, if there are as many CPUs as workers.

Python code of one process runs on one CPU at a time. Threads that move between CPUs lose their caches:
benchmarks/transport.py measures it.
"""

import logging
import os
from collections.abc import Collection, Iterable

from model.engines import AUTO
from model.engines.cpu import available_cpus
from service.settings import Settings

log = logging.getLogger("cifar10")


def cpus(settings: Settings, allowed: Collection[int] | None = None, available: float | None = None) -> list[int]:
    """The CPUs to pin workers to; empty if workers are not pinned.

    They are not pinned with a CPU quota below the number of CPUs: all pods of a node would use the same CPUs.
    ``allowed`` and ``available`` default to what this process may use.
    """
    allowed = os.sched_getaffinity(0) if allowed is None else allowed
    available = available_cpus() if available is None else available
    one_each = settings.engine_threads == 1 and 1 < settings.worker_count == len(allowed) <= available
    return sorted(allowed) if settings.cpu_affinity == AUTO and one_each else []


def next_cpu(cpus: Iterable[int], taken: Iterable[int | None]) -> int | None:
    """The CPU with the fewest workers, given the CPU of each worker; ``None`` if workers are not pinned."""
    have = list(taken)
    return min(cpus, key=have.count, default=None)


def pin(cpu: int | None) -> None:
    """Pin this thread, and the threads it will start, to a CPU; ``None`` does nothing."""
    if cpu is None:
        return
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError as error:
        log.warning("cannot pin this worker to CPU %d: %s", cpu, error.strerror)
