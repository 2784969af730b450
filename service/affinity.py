"""A CPU of its own for each worker, where there are as many.

Threads that wait for one interpreter's lock gain nothing from several CPUs, and lose their caches with each change.
"""

import os
from collections.abc import Collection, Iterable

from model.engines import AUTO
from service.settings import Settings


def cpus(settings: Settings, allowed: Collection[int] | None = None) -> list[int]:
    """The CPUs of which each worker gets one; none where workers may move.

    They may where a quota says how many workers there are, and not the CPUs: other pods of the same node would get the
    same ones. ``allowed`` replaces those that this process may use.
    """
    allowed = os.sched_getaffinity(0) if allowed is None else allowed
    one_each = settings.engine_threads == 1 and settings.worker_count == len(allowed) > 1
    return sorted(allowed) if settings.cpu_affinity == AUTO and one_each else []


def next_cpu(cpus: Iterable[int], taken: Iterable[int | None]) -> int | None:
    """The one that fewest workers have, given the CPU of each; ``None`` if there is none to give."""
    have = list(taken)
    return min(cpus, key=have.count, default=None)


def stay_on(cpu: int | None) -> None:
    """Keep this thread, and those it will start, on that CPU."""
    if cpu is not None:
        os.sched_setaffinity(0, {cpu})
