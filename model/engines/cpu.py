"""How much CPU this process may use: affinity, cgroup quota and bfloat16 instructions.

Containers see every core of their node; without this a pod with one CPU would start a thread for each of them
and be throttled.
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path

from model.engines.cgroups import folders, text

BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
INT8_FLAGS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})

QUOTA_FILES = (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
"""Quota and period in microseconds: of version 2 in one file, of version 1 in two."""


def available_cpus(root: Path = Path("/"), affinity: int | None = None) -> float:
    """CPUs that this process may use: the smaller of its affinity mask and every quota above it.

    ``root`` is where ``/proc`` and ``/sys`` are looked up; ``affinity`` replaces the mask's size.
    """
    cpus = len(os.sched_getaffinity(0)) if affinity is None else affinity
    return min([float(cpus), *_quotas(root)])


def default_threads(root: Path = Path("/"), affinity: int | None = None, *, processes: int = 1) -> int:
    """Whole CPUs available to one of so many processes, less one for the threads that feed the engine; at least one.

    An engine that spreads over every core waits for whichever its own requests are being decoded on
    (``python -m tests.bench.engine_threads``).
    """
    return max(1, math.floor(available_cpus(root, affinity) / processes) - 1)


def has_bfloat16(root: Path = Path("/")) -> bool:
    """Whether the CPU multiplies bfloat16 in hardware; without that it is slower than float32."""
    return not BFLOAT16_FLAGS.isdisjoint(_flags(root))


def has_int8(root: Path = Path("/")) -> bool:
    """Whether the CPU adds up products of int8 in 32 bits; in the 16 of older x86 instructions sums are cut off."""
    return not INT8_FLAGS.isdisjoint(_flags(root))


def _flags(root: Path) -> list[str]:
    for line in text(root / "proc/cpuinfo").splitlines():
        if line.startswith("flags"):
            return line.partition(":")[2].split()
    return []


def _quotas(root: Path) -> Iterator[float]:
    """Quota over period of every group; nothing for ``max``, ``-1`` (both mean unlimited) or a missing file."""
    for folder in folders(root, "cpu"):
        for names in QUOTA_FILES:
            words = " ".join(text(folder / name) for name in names).split()
            if len(words) == 2 and all(word.isdecimal() for word in words) and int(words[0]) > 0 and int(words[1]) > 0:
                yield int(words[0]) / int(words[1])
