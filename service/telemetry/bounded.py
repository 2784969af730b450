"""Work for the end of the process, which must not hold it up."""

import threading
from collections.abc import Callable


def run(work: Callable[[], object], seconds: float, name: str) -> None:
    """Do it on a thread of its own, and wait for it so long at most; then it goes on until the process ends.

    It may be called from a signal handler: the thread that was interrupted may hold any lock.
    """
    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    thread.join(seconds)
