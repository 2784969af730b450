"""What ``make bench`` may be told."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from tests.bench.peers.contestants import contestants

FRACTIONS = (0.5, 0.8, 1.0, 1.25, 2.0)
"""Rates of the open loop, of what the contestant did at :data:`SATURATING` clients."""

SATURATING = 32
CELLS = (("png", 1), ("png", 8), ("png", 32), ("png", 128), ("jpeg", 8), ("eight", 8))
"""Payload and clients of the closed loop."""


@dataclass(frozen=True)
class Options:
    """``seconds`` of load for each figure of a round; ``starts`` of each contestant, for the cold start."""

    seconds: float
    rounds: int
    starts: int
    only: tuple[str, ...]
    folder: Path
    out: Path


def parse(given: list[str] | None = None) -> Options:
    known = [each.key for each in contestants(1)]
    parser = argparse.ArgumentParser(
        prog="make bench", description="Measure this server beside others, on the same cores, in turns."
    )
    parser.add_argument("--quick", action="store_true", help="one short round: three minutes instead of a quarter hour")
    parser.add_argument("--seconds", type=float, help="of load for each figure of a round (default: 3)")
    parser.add_argument("--rounds", type=int, help="how often each figure is taken (default: 3)")
    parser.add_argument("--starts", type=int, help="cold starts of each (default: 3)")
    parser.add_argument("--only", default="", metavar="NAMES", help=f"some of {','.join(known)}")
    parser.add_argument("--folder", type=Path, default=Path("runs/bench"), help="for environments and logs")
    parser.add_argument("--out", type=Path, default=Path("runs/bench/report"), help="for the report; docs publishes it")
    found = parser.parse_args(given)
    only = tuple(filter(None, found.only.split(",")))
    if unknown := set(only) - set(known):
        parser.error(f"--only does not know {', '.join(sorted(unknown))}: choose from {', '.join(known)}")
    seconds = found.seconds or (1.0 if found.quick else 3.0)
    rounds = found.rounds or (1 if found.quick else 3)
    starts = found.starts or (1 if found.quick else 3)
    if min(seconds, rounds, starts) <= 0:
        parser.error("--seconds, --rounds and --starts must be positive")
    return Options(seconds, rounds, starts, only or tuple(known), found.folder.resolve(), found.out.resolve())
