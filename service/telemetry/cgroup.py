"""What the kernel grants this process's control group, and how often it has said no (version 1, 2 and hybrid)."""

from dataclasses import dataclass
from pathlib import Path

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
    """Read the counters of the group whose files are visible; ``root`` is where ``/proc`` and ``/sys`` are."""
    cpu = _words(_first(root, "cpu", ["cpu.stat"]))
    seconds = None
    if "throttled_usec" in cpu:
        seconds = cpu["throttled_usec"] / 1e6
    elif "throttled_time" in cpu:
        seconds = cpu["throttled_time"] / 1e9
    limit = _number(_first(root, "memory", ["memory.max", "memory.limit_in_bytes"]))
    return Usage(
        cpu.get("nr_periods"),
        cpu.get("nr_throttled"),
        seconds,
        _number(_first(root, "memory", ["memory.current", "memory.usage_in_bytes"])),
        limit if limit is not None and limit < UNLIMITED else None,
    )


def _first(root: Path, controller: str, names: list[str]) -> str:
    """The first readable of the files, in the process's own group, else (inside a container) at the mount."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers and controller not in controllers.split(","):
            continue
        for mount in [controllers, controller] if controllers else ["", "unified"]:
            for group in (path.lstrip("/"), ""):
                for name in names:
                    if ".." not in group and (text := _text(root / "sys/fs/cgroup" / mount / group / name)):
                        return text
    return ""


def _words(text: str) -> dict[str, int]:
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdecimal()}


def _number(text: str) -> int | None:
    return int(text) if text.strip().isdecimal() else None


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
