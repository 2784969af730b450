"""A run cut into equal pieces of time."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from k8s.rollout_check.outcome import Outcome
from k8s.rollout_check.summary import Part, part

STEPS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0)


@dataclass(frozen=True)
class Piece:
    """The requests that were due in it."""

    start: float
    seconds: float
    requests: Part
    versions: Counter[str]
    pods: Counter[str]


def step(seconds: float, most: int) -> float:
    """The shortest length of a piece, in seconds, with which there are at most so many."""
    return next((each for each in STEPS if seconds <= each * most), seconds / most)


def timeline(outcomes: Sequence[Outcome], seconds: float, length: float) -> list[Piece]:
    """Pieces of ``length`` seconds that cover the run; the last one has half of that or half as much again."""
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
