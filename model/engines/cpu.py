"""CPU limits of this process (affinity and cgroup quota) and the CPU's instructions for bfloat16 and int8.

A container sees all cores of its node. A pod with one CPU that started a thread for each of them would be throttled.
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path

from model.engines.cgroups import folders, text

BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})
INT8_FLAGS = frozenset({"avx512_vnni", "avx_vnni", "amx_int8"})

QUOTA_FILES = (("cpu.max",), ("cpu.cfs_quota_us", "cpu.cfs_period_us"))
"""Files with the quota and its period in microseconds: one file in cgroup v2, two files in v1."""


def available_cpus(root: Path = Path("/"), affinity: int | None = None) -> float:
    """CPUs that this process may use: the minimum of its affinity mask and the quotas of its cgroups.

    ``root`` contains ``proc`` and ``sys``; ``affinity`` replaces the number of CPUs in the mask.
    """
    cpus = len(os.sched_getaffinity(0)) if affinity is None else affinity
    return min([float(cpus), *_quotas(root)])


def default_threads(root: Path = Path("/"), affinity: int | None = None, *, processes: int = 1) -> int:
    """Whole CPUs available to each of ``processes``, minus one for the threads that decode images; at least one.

    An engine that uses all cores is slower, because it waits for the cores that decode images
    (``python -m benchmarks.sizing``).
    """
    return max(1, math.floor(available_cpus(root, affinity) / processes) - 1)


def has_bfloat16(root: Path = Path("/")) -> bool:
    """Whether the CPU has bfloat16 instructions; without them bfloat16 is slower than float32."""
    return not BFLOAT16_FLAGS.isdisjoint(_flags(root))


def has_int8(root: Path = Path("/")) -> bool:
    """Whether the CPU accumulates int8 products in 32 bits; older x86 instructions use 16 bits, and sums saturate."""
    return not INT8_FLAGS.isdisjoint(_flags(root))


def _flags(root: Path) -> list[str]:
    for line in text(root / "proc/cpuinfo").splitlines():
        if line.startswith("flags"):
            return line.partition(":")[2].split()
    return []


def _quotas(root: Path) -> Iterator[float]:
    """Quota divided by period of each cgroup; skips ``max`` and ``-1`` (both mean unlimited) and missing files."""
    for folder in folders(root, "cpu"):
        for names in QUOTA_FILES:
            words = " ".join(text(folder / name) for name in names).split()
            if len(words) == 2 and all(word.isdecimal() for word in words) and int(words[0]) > 0 and int(words[1]) > 0:
                yield int(words[0]) / int(words[1])
