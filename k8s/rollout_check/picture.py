"""Lines of blocks: a figure over time."""

from collections.abc import Sequence
from dataclasses import dataclass

from k8s.rollout_check.phases import Phases


@dataclass(frozen=True)
class Pen:
    """``levels`` from the lowest to the highest, for what is more than nothing; ``edge`` and ``line`` for an axis."""

    levels: str
    edge: str
    line: str


BLOCKS = Pen("▁▂▃▄▅▆▇█", "├", "─")
PLAIN = Pen(".:-=+*%#", "|", "-")
"""Where blocks cannot be printed, or nobody looks."""


def draw(values: Sequence[float | None], pen: Pen, top: float | None = None) -> str:
    """A character for each value, the highest for ``top`` or the largest; blank for nothing and for zero."""
    top = top or max((value for value in values if value), default=0.0)
    return "".join(_level(value, top, pen.levels) if value else " " for value in values)


def _level(value: float, top: float, levels: str) -> str:
    return levels[min(int(value / top * len(levels)), len(levels) - 1)]


def axis(phases: Phases, length: float, width: int, pen: Pen) -> str:
    """Where each phase begins, with its name if there is room; ``length`` is a character's, in seconds."""
    line = ""
    for name, (start, end) in phases.spans().items():
        room = min(round(end / length), width) - len(line) if name != "after" else width - len(line)
        if room > 0 and end > start:
            named = f"{pen.edge} {name} "
            line += (named if len(named) <= room else pen.edge).ljust(room, pen.line)
    return line.ljust(width)
