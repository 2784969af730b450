"""Time that passes only where a test says so."""

from collections.abc import Callable
from typing import Any


class Clock:
    """Stands in for ``time.monotonic``."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def slowed(self, work: Callable[..., Any], milliseconds: float) -> Callable[..., Any]:
        """The same work, which takes so long now."""

        def slow(*given: Any, **named: Any) -> Any:
            self.now += milliseconds / 1000
            return work(*given, **named)

        return slow
