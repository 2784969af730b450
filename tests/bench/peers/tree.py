"""A process with all its descendants: what they cost, and their end."""

import os
import re
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Memory:
    """In bytes, of all processes: ``resident`` counts a page that two share twice, ``proportional`` once."""

    resident: int
    proportional: int


def members(root: int) -> list[int]:
    """Process ids, the root's first."""
    found = [root]
    for pid in found:  # grows meanwhile
        found += _children(pid)
    return found


def _children(pid: int) -> Iterator[int]:
    with suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            yield from map(int, (task / "children").read_text().split())


def processor_seconds(root: int) -> float:
    """Spent so far by those that live."""
    return sum(_ticks(pid) for pid in members(root)) / TICKS


def _ticks(pid: int) -> int:
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def memory(root: int) -> Memory:
    """Held now."""
    totals = {"Rss": 0, "Pss": 0}
    for pid in members(root):
        with suppress(OSError):
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
            for name in totals:
                totals[name] += 1024 * int(re.findall(rf"^{name}: +(\d+) kB", rollup, re.MULTILINE)[0])
    return Memory(totals["Rss"], totals["Pss"])


def tell(root: int, number: signal.Signals) -> None:
    """Send a signal to all, the root first."""
    for pid in members(root):
        with suppress(ProcessLookupError):
            os.kill(pid, number)


def end(root: int, patience: float) -> None:
    """Ask the root to end; kill, by their ids, those that are still there ``patience`` seconds later.

    The caller reaps the root.
    """
    pids = members(root)
    with suppress(ProcessLookupError):
        os.kill(root, signal.SIGTERM)
    until = time.monotonic() + patience
    while any(map(_lives, pids)) and time.monotonic() < until:
        time.sleep(0.02)
    for pid in filter(_lives, pids):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _lives(pid: int) -> bool:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False
