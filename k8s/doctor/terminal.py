"""Output to a reader that may close early, and signals that end a command."""

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """Print and flush; discard the output after the reader has closed the pipe."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        discard()


def discard() -> None:
    """Discard stdout from now on, including what Python flushes at its exit."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())


@contextmanager
def interrupted_by(*signals: signal.Signals) -> Iterator[None]:
    """Within the context, each of the signals raises ``KeyboardInterrupt``, even if it was ignored."""
    before = {each: signal.signal(each, signal.default_int_handler) for each in signals}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
