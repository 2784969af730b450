"""Ending in good order."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def interrupted_by(*signals: signal.Signals) -> Iterator[None]:
    """Within it each of the signals raises ``KeyboardInterrupt``, even where a shell had it ignored."""
    before = {each: signal.signal(each, signal.default_int_handler) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
