"""Programs that run until they are not needed any more."""

import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.e2e.server import eventually


@contextmanager
def running(command: list[str], ready: Callable[[], bool], what: str) -> Iterator[None]:
    """A program, from when it is ready until the block ends; ``what`` names it where it does not get ready."""
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        eventually(ready, within=60, what=f"the readiness of {what}")
        yield
    finally:
        process.kill()
        process.wait()
