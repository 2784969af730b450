"""The report as text and as JSON."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from k8s.rollout_check import summary
from k8s.rollout_check.check import Result
from k8s.rollout_check.outcome import Phases
from k8s.rollout_check.summary import LATE_SECONDS, Loss, Piece, step, timeline


@dataclass(frozen=True)
class Pen:
    """Characters: ``levels`` for values above zero, from low to high, ``edge`` and ``line`` for the axis."""

    levels: str
    edge: str
    line: str


BLOCKS = Pen("▁▂▃▄▅▆▇█", "├", "─")
PLAIN = Pen(".:-=+*%#", "|", "-")
"""For output that is not a terminal or cannot show blocks."""


def draw(values: Sequence[float | None], pen: Pen, top: float | None = None) -> str:
    """One character for each value, scaled to ``top`` or the largest value; blank for ``None`` and zero."""
    top = top or max((value for value in values if value), default=0.0)
    return "".join(_level(value, top, pen.levels) if value else " " for value in values)


def _level(value: float, top: float, levels: str) -> str:
    return levels[min(int(value / top * len(levels)), len(levels) - 1)]


def axis(phases: Phases, length: float, width: int, pen: Pen) -> str:
    """The start of each phase, with its name if there is room; one character is ``length`` seconds."""
    line = ""
    for name, (start, end) in phases.spans().items():
        room = min(round(end / length), width) - len(line) if name != "after" else width - len(line)
        if room > 0 and end > start:
            named = f"{pen.edge} {name} "
            line += (named if len(named) <= room else pen.edge).ljust(room, pen.line)
    return line.ljust(width)


LABEL = 10
MOST_PIECES = 600
MOST_ROWS = 8
"""Maximum number of versions, and of pods, in the chart; the others are counted."""


def text(result: Result, pen: Pen, width: int) -> str:
    """``width`` of the chart in characters, without labels."""
    return "\n".join([*_verdict(result), "", *_table(result), "", *_picture(result, pen, width), *_notes(result)])


def _verdict(result: Result) -> Iterator[str]:
    outcomes = result.load.outcomes
    losses = summary.losses(outcomes)
    if result.failure:
        yield f"FAILED: {result.failure}"
    if not losses:
        yield f"No request was lost: {len(outcomes)} sent, {len(outcomes)} answered correctly."
        return
    yield f"LOST {sum(loss.count for loss in losses)} of {len(outcomes)} requests:"
    widest = max(len(loss.kind) for loss in losses)
    yield from (_loss(loss, widest) for loss in losses)


def _loss(loss: Loss, widest: int) -> str:
    new = loss.count - loss.kept
    on = " and ".join(f"{count} on {kind}" for count, kind in ((loss.kept, "kept"), (new, "new")) if count)
    when = f"at {loss.first:.1f} s" if loss.count == 1 else f"from {loss.first:.1f} to {loss.last:.1f} s"
    detail = f"; the first: {loss.detail}" if loss.detail else ""
    return f"{loss.count:6d}  {loss.kind:{widest}}  {when}, {on} connections{detail}"


def _table(result: Result) -> Iterator[str]:
    yield f"{'':{LABEL}}{'sent':>7}{'ok':>7}{'lost':>7}" + "".join(f"{name:>10}" for name in summary.QUANTILES)
    for name, part in summary.by_phase(result.load.outcomes, result.phases).items():
        times = "".join(f"{milliseconds(value):>10}" for value in (part.latency or {}).values())
        yield f"{name:{LABEL}}{part.sent:7d}{part.ok:7d}{part.lost:7d}{times}".rstrip()


def _picture(result: Result, pen: Pen, width: int) -> Iterator[str]:
    seconds = result.phases.ended
    length = step(seconds, min(width, max(1, len(result.load.outcomes) // 4)))
    pieces = timeline(result.load.outcomes, seconds, length)
    parts = [piece.requests for piece in pieces]

    def row(label: str, values: Sequence[float | None], scale: str, top: float | None = None) -> str:
        return f"{label[: LABEL - 1]:{LABEL}}{draw(values, pen, top)} {scale}".rstrip()

    def latency(name: str) -> list[float | None]:
        return [part.latency[name] if part.latency else None for part in parts]

    slowest = max((value for value in latency("max") if value), default=0.0)
    rate = result.plan.shape.rate
    yield row("answered", [piece.requests.ok / piece.seconds for piece in pieces], f"of {rate:g}/s", rate)
    for name in ("p50", "max"):
        yield row(name, latency(name), f"up to {milliseconds(slowest)}", slowest)
    if any(part.lost for part in parts):
        yield row("lost", [part.lost for part in parts], f"up to {max(part.lost for part in parts)} in {length:g} s")
    yield from _who(pieces, lambda piece: piece.versions, row, rate)
    yield from _who(pieces, lambda piece: piece.pods, row, rate)
    yield f"{'':{LABEL}}{axis(result.phases, length, len(pieces), pen)} {seconds:.0f} s"


def _who(
    pieces: Sequence[Piece], of: Callable[[Piece], dict[str, int]], row: Callable[..., str], rate: float
) -> Iterator[str]:
    """One line for each version or pod, in order of appearance."""
    names = list(dict.fromkeys(name for piece in pieces for name in of(piece)))
    for name in names[:MOST_ROWS]:
        counts = [of(piece).get(name, 0) for piece in pieces]
        whole = f" of {name}" if len(name) >= LABEL else ""
        rates = [count / piece.seconds for count, piece in zip(counts, pieces, strict=True)]
        yield row(name, rates, f"{sum(counts)} answers{whole}", rate)
    if names[MOST_ROWS:]:
        yield f"{'':{LABEL}}and {len(names) - MOST_ROWS} more"


def _notes(result: Result) -> Iterator[str]:
    outcomes, unsent = result.load.outcomes, result.load.unsent
    late = summary.lateness(outcomes)
    for reason, count in unsent.items():
        yield f"The client did not keep the rate: {count} requests were not sent and are not counted: {reason}."
    if late.count * 100 > len(outcomes):
        many = f"{late.count} of {len(outcomes)} requests were sent over {LATE_SECONDS * 1e3:g} ms late"
        yield f"The client was busy: {many}, the worst {milliseconds(late.worst)}."
        yield "This delay is included in the latencies above."
    yield from (f"Different classes by version: {change}." for change in result.changes)


def milliseconds(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"


def document(result: Result, exit_code: int) -> str:
    """Durations and times since the start are in seconds."""
    outcomes, plan = result.load.outcomes, result.plan
    parts = summary.by_phase(outcomes, result.phases)
    length = step(result.phases.ended, MOST_PIECES)
    found: dict[str, Any] = {
        "url": plan.target.url,
        "rate": plan.shape.rate,
        "command": plan.command,
        "exit_code": exit_code,
        "failure": result.failure,
        **_part_json(summary.part(outcomes)),
        "losses": [asdict(loss) for loss in summary.losses(outcomes)],
        "not_sent": dict(result.load.unsent),
        "late": asdict(summary.lateness(outcomes)),
        "disagreements": result.changes,
        "phases": {
            name: {"start": start, "end": end, **_part_json(parts[name])}
            for name, (start, end) in result.phases.spans().items()
        },
        "timeline": [
            {"start": piece.start, **_part_json(piece.requests), "versions": piece.versions, "pods": piece.pods}
            for piece in timeline(outcomes, result.phases.ended, length)
        ],
    }
    return json.dumps(found, indent=2)


def _part_json(part: summary.Part) -> dict[str, Any]:
    return {"sent": part.sent, "ok": part.ok, "lost": part.lost, "latency_seconds": part.latency}
