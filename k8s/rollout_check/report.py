"""The report as text."""

from collections.abc import Callable, Iterator, Sequence

from k8s.rollout_check import summary
from k8s.rollout_check.check import Result
from k8s.rollout_check.picture import Pen, axis, draw
from k8s.rollout_check.summary import LATE_SECONDS, Loss
from k8s.rollout_check.timeline import Piece, step, timeline

LABEL = 10
MOST_ROWS = 8
"""Versions, and pods, that are drawn; others are counted."""


def text(result: Result, pen: Pen, width: int) -> str:
    """``width`` is of the picture in characters, its labels not counted."""
    return "\n".join([*_verdict(result), "", *_table(result), "", *_picture(result, pen, width), *_notes(result)])


def _verdict(result: Result) -> Iterator[str]:
    outcomes = result.load.outcomes
    losses = summary.losses(outcomes)
    if result.failure:
        yield f"FAILED: {result.failure}"
    if not losses:
        yield f"Nothing was lost: {len(outcomes)} requests, {len(outcomes)} right answers."
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
    """A line for each version, or pod, in the order in which they were first seen."""
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
        yield f"This machine did not keep the rate: {count} requests were not sent, and count as nothing: {reason}."
    if late.count * 100 > len(outcomes):
        many = f"{late.count} of {len(outcomes)} requests began over {LATE_SECONDS * 1e3:g} ms late"
        yield f"This machine was busy: {many}, one of them {milliseconds(late.worst)}."
        yield "The latencies above contain that; it is not the server's."
    yield from (f"Versions disagree: {change}." for change in result.changes)


def milliseconds(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:.1f} ms" if value < 100 else f"{value:.0f} ms"
