"""How fast the queue moves, and so how long whatever stands in it will take."""

import math
import time
from collections.abc import Callable

UNKNOWN_MILLISECONDS = 1000
"""Told while nothing has been measured yet."""

_SMOOTHING = 0.2
"""Weight of the newest batch in the moving average."""


class Throughput:
    """Images a second for as long as some wait; all of the time between two batches counts, not computing alone.

    Measured by one thread, and read by all.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._since = clock()
        self._rate = 0.0

    def begun(self) -> None:
        """There is something to do, after there was not."""
        self._since = self._clock()

    def computed(self, images: int) -> None:
        """So many more, since the last ones or since there was something to do."""
        now = self._clock()
        rate = images / max(now - self._since, 1e-6)
        self._since = now
        self._rate = rate if self._rate == 0.0 else (1 - _SMOOTHING) * self._rate + _SMOOTHING * rate

    def milliseconds(self, images: int) -> int:
        """How long so many images will take, at least 1."""
        return max(1, math.ceil(1000 * images / self._rate)) if self._rate else UNKNOWN_MILLISECONDS
