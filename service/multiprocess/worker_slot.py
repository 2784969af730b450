"""What a worker process shares with the others; created before the workers are forked."""

import socket
import sys

from service.multiprocess.shared_buffer import SharedBuffer

COUNTERS_BYTES = 1 << 18
READINESS_BYTES = 1 << 14


class WorkerSlot:
    """One worker's place. It outlives the worker: the next worker in it continues its counters."""

    def __init__(self) -> None:
        self.taken = False
        self.cpu: int | None = None
        """The CPU its worker is pinned to. Like ``taken``, only valid in the process that forks the workers."""
        self.listener = _listener()
        """Where the worker answers its peers (:mod:`service.multiprocess.peers`)."""
        self.counters = SharedBuffer(COUNTERS_BYTES)
        """The worker's counters when they were last read."""
        self.readiness = SharedBuffer(READINESS_BYTES)
        """The worker's answer to /readyz; empty if the slot has no worker."""

    @property
    def occupied(self) -> bool:
        return bool(self.readiness.read())

    def close(self) -> None:
        """For a slot without a worker."""
        self.listener.close()

    def vacate(self) -> None:
        """Its worker has ended."""
        self.taken = False
        self.cpu = None
        self.readiness.write(b"")


def _listener() -> socket.socket:
    """Listens on an address that the kernel chooses and that only this machine or pod can reach."""
    if sys.platform == "linux":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind("")  # an abstract address: it needs no file
    else:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    return listener
