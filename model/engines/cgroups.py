"""The control group of this process: its files, CPU throttling and memory (cgroup versions 1, 2 and hybrid)."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

MOUNT = "sys/fs/cgroup"

MOST_BYTES = 1 << 16
"""Larger than any cgroup file. Of ``/proc/cpuinfo``, it may be enough for the first cores only."""

UNLIMITED = 1 << 60
"""Version 1 reports "no limit" as the largest multiple of the page size, which is larger than this."""


@dataclass(frozen=True)
class Usage:
    """``None`` where the kernel does not report a value, or where there is no limit."""

    periods: int | None
    throttled_periods: int | None
    throttled_seconds: float | None
    memory_bytes: int | None
    memory_limit_bytes: int | None


def usage(root: Path = Path("/")) -> Usage:
    """Counters of the nearest visible group of this process, and the lowest memory limit of it and its parents.

    ``root`` is where ``/proc`` and ``/sys`` are.
    """
    cpu = _words(next(_found(folders(root, "cpu"), "cpu.stat"), ""))
    seconds = None
    if "throttled_usec" in cpu:
        seconds = cpu["throttled_usec"] / 1e6
    elif "throttled_time" in cpu:
        seconds = cpu["throttled_time"] / 1e9
    groups = list(folders(root, "memory"))
    memory = _numbers(groups, "memory.current", "memory.usage_in_bytes")
    limits = [limit for limit in _numbers(groups, "memory.max", "memory.limit_in_bytes") if limit < UNLIMITED]
    return Usage(
        cpu.get("nr_periods"),
        cpu.get("nr_throttled"),
        seconds,
        next(memory, None),
        min(limits, default=None),
    )


def _found(groups: Iterable[Path], *names: str) -> Iterator[str]:
    """The contents of the files that exist, in the groups' order."""
    for folder in groups:
        for name in names:
            if content := text(folder / name):
                yield content


def _numbers(groups: Iterable[Path], *names: str) -> Iterator[int]:
    for content in _found(groups, *names):
        if content.strip().isdecimal():
            yield int(content)


def _words(content: str) -> dict[str, int]:
    pairs = (line.split() for line in content.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def folders(root: Path, controller: str) -> Iterator[Path]:
    """The folders that may contain a controller's files: the process's own group first, then its parents.

    ``root`` contains ``proc`` and ``sys``. Some folders may not exist: in a container often only the mount point does.
    """
    for line in text(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            mounts = ["", "unified"]  # hybrid systems mount v2 at "unified"
        elif controller in controllers.split(","):
            mounts = list(dict.fromkeys((controllers, controller)))
        else:
            continue
        for mount in mounts:
            yield from _upwards(root / MOUNT / mount, path)


def text(path: Path) -> str:
    """The content of a kernel file, or an empty string if it cannot be read.

    Uses ``os.read`` because a file object needs three times the system calls, and each releases the interpreter lock.
    """
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(file, MOST_BYTES).decode(errors="replace")
    except OSError:
        return ""
    finally:
        os.close(file)


def _upwards(mount: Path, path: str) -> Iterator[Path]:
    relative = PurePosixPath(path.lstrip("/"))
    if ".." not in relative.parts:  # a group outside this namespace
        for folder in (relative, *relative.parents):
            if folder != PurePosixPath("."):
                yield mount / folder
    yield mount
