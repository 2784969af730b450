"""What the kernel grants this process's control group, and how often it has said no (version 1, 2 and hybrid)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from model.engines.cgroups import folders, text

UNLIMITED = 1 << 60
"""Version 1 writes "no limit" as the largest multiple of the page size that fits; nothing real is near."""


@dataclass(frozen=True)
class Usage:
    """``None`` where the kernel does not tell, or where there is no limit."""

    periods: int | None
    throttled_periods: int | None
    throttled_seconds: float | None
    memory_bytes: int | None
    memory_limit_bytes: int | None


def usage(root: Path = Path("/")) -> Usage:
    """The counters of the process's own group, or the nearest one that is visible, and the tightest limit above it.

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
    """The contents of the files that there are, in the groups' order."""
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
