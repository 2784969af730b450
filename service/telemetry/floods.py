"""Keeps whoever sends thousands of bad requests from filling the disk with log lines."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

RATE = 10.0
"""Lines of a kind a second."""

BURST = 100
"""Lines of a kind that may come at once."""


@dataclass
class _Bucket:
    tokens: float
    filled: float
    left_out: int = 0


class FloodGuard(logging.Filter):
    """Lets ``burst`` lines of a kind through, and ``rate`` a second after that; the next line says how many it cost.

    A kind is a logger, a level and an error code, so a flood of one hides no other. Requests that were answered are
    never left out.
    """

    def __init__(self, rate: float = RATE, burst: int = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.on_drop: Callable[[int], object] = lambda lines: None
        """Told of every line that is left out."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.Lock()
        self._kinds: dict[tuple[str, int, str], _Bucket] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        code = getattr(record, "code", "")
        if record.levelno <= logging.INFO and not code:
            return True
        now = self._clock()
        with self._lock:
            bucket = self._kinds.setdefault((record.name, record.levelno, code), _Bucket(self._burst, now))
            bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled) * self._rate)
            bucket.filled = now
            passes = bucket.tokens >= 1
            if passes:
                bucket.tokens -= 1
                left_out, bucket.left_out = bucket.left_out, 0
            else:
                bucket.left_out += 1
        if not passes:
            self.on_drop(1)
            return False
        if left_out:
            record.msg, record.args = f"{record.getMessage()} ({left_out} lines of this kind left out before it)", None
        return True
