"""How much CPU this process may use: affinity, cgroup quota (v1, v2, hybrid) and bfloat16 instructions.

Containers see every core of their node; without this a pod with one CPU would start a thread for each of them
and be throttled.
"""

import math
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

CGROUPS = "sys/fs/cgroup"
BFLOAT16_FLAGS = frozenset({"avx512_bf16", "amx_bf16"})


def available_cpus(root: Path = Path("/"), affinity: int | None = None) -> float:
    """CPUs that this process may use: the smaller of its affinity mask and every quota above it.

    ``root`` is where ``/proc`` and ``/sys`` are looked up; ``affinity`` replaces the mask's size.
    """
    cpus = len(os.sched_getaffinity(0)) if affinity is None else affinity
    return min([float(cpus), *_quotas(root)])


def default_threads(root: Path = Path("/"), affinity: int | None = None) -> int:
    """Whole CPUs available, less one for the threads that feed the engine; at least one.

    An engine that spreads over every core waits for whichever its own requests are being decoded on
    (``python -m tests.bench.engine_threads``).
    """
    return max(1, math.floor(available_cpus(root, affinity)) - 1)


def has_bfloat16(root: Path = Path("/")) -> bool:
    """Whether the CPU multiplies bfloat16 in hardware; without that it is slower than float32."""
    for line in _text(root / "proc/cpuinfo").splitlines():
        if line.startswith("flags"):
            return not BFLOAT16_FLAGS.isdisjoint(line.partition(":")[2].split())
    return False


def _quotas(root: Path) -> Iterator[float]:
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            for mount in ("", "unified"):  # "unified" is where hybrid systems mount version 2
                for folder in _upwards(root / CGROUPS / mount, path):
                    yield from _ratio(_text(folder / "cpu.max").split())
        elif "cpu" in controllers.split(","):
            for mount in (controllers, "cpu"):
                for folder in _upwards(root / CGROUPS / mount, path):
                    files = ("cpu.cfs_quota_us", "cpu.cfs_period_us")
                    yield from _ratio([_text(folder / name).strip() for name in files])


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    """The process's cgroup and those above it; inside a container only the mount itself may exist."""
    relative = PurePosixPath(path.lstrip("/"))
    if ".." not in relative.parts:  # a cgroup outside this namespace
        for folder in (relative, *relative.parents):
            if folder != PurePosixPath("."):
                yield mount / folder
    yield mount


def _ratio(words: list[str]) -> Iterator[float]:
    """Quota over period; nothing for ``max``, ``-1`` (both mean unlimited) or a missing file."""
    if len(words) == 2 and all(word.isdecimal() for word in words) and int(words[0]) > 0 and int(words[1]) > 0:
        yield int(words[0]) / int(words[1])


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
