"""The figures of a run."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from k8s.rollout_check.outcome import Outcome
from k8s.rollout_check.phases import Phases

QUANTILES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "max": 1.0}
LATE_SECONDS = 0.010
"""A request begun so much later than it was due says more about this machine than about the server."""


@dataclass(frozen=True)
class Part:
    """Some of the requests; latencies in seconds, of right answers only, as what is lost has none."""

    sent: int
    ok: int
    latency: dict[str, float] | None
    """By name of the quantile; ``None`` where nothing was answered."""

    @property
    def lost(self) -> int:
        return self.sent - self.ok


@dataclass(frozen=True)
class Loss:
    """Lost requests of one kind; times in seconds since the start. ``detail`` is the first one's."""

    kind: str
    count: int
    kept: int
    first: float
    last: float
    detail: str


@dataclass(frozen=True)
class Lateness:
    """How late this machine was with the requests; ``count`` is of those later than :data:`LATE_SECONDS`."""

    count: int
    worst: float


def part(outcomes: Sequence[Outcome]) -> Part:
    right = sorted(each.latency for each in outcomes if not each.lost)
    latency = {name: quantile(right, q) for name, q in QUANTILES.items()} if right else None
    return Part(len(outcomes), len(right), latency)


def by_phase(outcomes: Sequence[Outcome], phases: Phases) -> dict[str, Part]:
    return {name: part([each for each in outcomes if phases.of(each.due) == name]) for name in phases.spans()}


def losses(outcomes: Iterable[Outcome]) -> list[Loss]:
    """The most frequent first."""
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
    """The least value that a share of ``q`` does not exceed; one that was really measured."""
    return ordered[max(0, math.ceil(q * len(ordered)) - 1)]
