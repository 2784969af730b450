"""Limits the rate of similar log lines, so that a flood of bad requests does not fill the disk."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

RATE = 10.0
"""Lines of a kind per second."""

BURST = 100
"""Lines of a kind that may be logged at once."""


@dataclass
class _Bucket:
    tokens: float
    filled: float
    dropped: int = 0


class RateLimit(logging.Filter):
    """A token bucket per kind of line; the next line that passes says how many were dropped before it.

    A kind is a logger, a level and an error code. Lines about successful requests are never dropped.
    """

    def __init__(self, rate: float = RATE, burst: int = BURST, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self.dropped = 0
        """Lines dropped so far."""
        self._rate = rate
        self._burst = burst
        self._clock = clock
        self._lock = threading.RLock()  # re-entrant: a signal handler may log
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
            if bucket.tokens < 1:
                bucket.dropped += 1
                self.dropped += 1
                return False
            bucket.tokens -= 1
            dropped, bucket.dropped = bucket.dropped, 0
        if dropped:
            record.msg, record.args = f"{record.getMessage()} ({dropped} similar lines dropped before it)", None
        return True
