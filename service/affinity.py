"""A CPU of its own for each worker, where there are as many.

Threads that wait for one interpreter's lock gain nothing from several CPUs, and lose their caches with each change.
"""

import logging
import os
from collections.abc import Collection, Iterable

from model.engines import AUTO
from model.engines.cpu import available_cpus
from service.settings import Settings

log = logging.getLogger("cifar10")


def cpus(settings: Settings, allowed: Collection[int] | None = None, available: float | None = None) -> list[int]:
    """The CPUs of which each worker gets one, as of now; none where workers may move.

    They may under a quota of less than the CPUs, as other pods of the same node would get the same ones. ``allowed``
    and ``available`` replace what this process is found to have.
    """
    allowed = os.sched_getaffinity(0) if allowed is None else allowed
    available = available_cpus() if available is None else available
    one_each = settings.engine_threads == 1 and 1 < settings.worker_count == len(allowed) <= available
    return sorted(allowed) if settings.cpu_affinity == AUTO and one_each else []


def next_cpu(cpus: Iterable[int], taken: Iterable[int | None]) -> int | None:
    """The one that fewest workers have, given the CPU of each; ``None`` if there is none to give."""
    have = list(taken)
    return min(cpus, key=have.count, default=None)


def stay_on(cpu: int | None) -> None:
    """Keep this thread, and those it will start, on that CPU, if it is there; else they may move."""
    if cpu is None:
        return
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError as error:
        log.warning("this worker is not kept on CPU %d: %s", cpu, error.strerror)
