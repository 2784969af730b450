"""Printing to a reader who may leave early, as ``head`` does."""

import os
import sys


def say(text: str) -> None:
    """Print it at once; once nobody reads, it goes nowhere."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        discard()


def discard() -> None:
    """Send stdout nowhere from now on, what is still to be flushed when Python ends included."""
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
