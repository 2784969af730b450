"""The figures of a run."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s.rollout_check.outcome import Outcome, Phases

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)
LATE_SECONDS = 0.010
"""Requests sent later than this make their latency unreliable."""


@dataclass(frozen=True)
class Part:
    """Figures of some requests; latencies in seconds, without lost requests."""

    sent: int
    ok: int
    latency: dict[str, float] | None
    """By name of the quantile; ``None`` without responses."""

    @property
    def lost(self) -> int:
        return self.sent - self.ok


@dataclass(frozen=True)
class Loss:
    """Lost requests of one kind; times in seconds since the start; ``detail`` of the first one."""

    kind: str
    count: int
    kept: int
    first: float
    last: float
    detail: str


@dataclass(frozen=True)
class Lateness:
    """Lateness of the client; ``count`` of requests later than :data:`LATE_SECONDS`."""

    count: int
    worst: float


def part(outcomes: Sequence[Outcome]) -> Part:
    right = sorted(each.latency for each in outcomes if not each.lost)
    latency = {name: quantile(right, q) for name, q in QUANTILES.items()} if right else None
    return Part(len(outcomes), len(right), latency)


def by_phase(outcomes: Sequence[Outcome], phases: Phases) -> dict[str, Part]:
    return {name: part([each for each in outcomes if phases.of(each.due) == name]) for name in phases.spans()}


def losses(outcomes: Iterable[Outcome]) -> list[Loss]:
    """By kind, the most frequent first."""
    kinds: dict[str, list[Outcome]] = {}
    for each in sorted(outcomes, key=lambda outcome: outcome.due):
        if each.lost:
            kinds.setdefault(each.lost, []).append(each)
    found = [
        Loss(kind, len(all_), sum(each.kept for each in all_), all_[0].due, all_[-1].due, all_[0].detail)
        for kind, all_ in kinds.items()
    ]
    return sorted(found, key=lambda loss: -loss.count)


def lateness(outcomes: Sequence[Outcome]) -> Lateness:
    late = [each.late for each in outcomes]
    return Lateness(sum(each > LATE_SECONDS for each in late), max(late, default=0.0))


def quantile(ordered: Sequence[float], q: float) -> float:
    """The smallest measured value that a share of ``q`` does not exceed."""
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]


@dataclass(frozen=True)
class Piece:
    """An interval of time, and the requests that were due in it."""

    start: float
    seconds: float
    requests: Part
    versions: Counter[str]
    pods: Counter[str]


def step(seconds: float, most: int) -> float:
    """The shortest length of an interval, in seconds, that gives at most ``most`` intervals."""
    return next((each for each in STEPS if seconds <= each * most), seconds / most)


def timeline(outcomes: Sequence[Outcome], seconds: float, length: float) -> list[Piece]:
    """Intervals of ``length`` seconds that cover the run; the last one is 0.5 to 1.5 times as long."""
    count = max(1, round(seconds / length))
    pieces: list[list[Outcome]] = [[] for _ in range(count)]
    for each in outcomes:
        pieces[min(int(each.due / length), count - 1)].append(each)
    return [
        Piece(
            number * length,
            length if number < count - 1 else max(seconds - number * length, length / 2),
            part(piece),
            Counter(each.version for each in piece if each.version),
            Counter(each.pod for each in piece if each.pod),
        )
        for number, piece in enumerate(pieces)
    ]
