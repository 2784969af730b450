"""Where the worker processes of one server meet: a slot for each, made before any of them is forked."""

import mmap
import socket
import struct
import sys

from service.cell import Cell

COUNTED_BYTES = 1 << 18
READINESS_BYTES = 1 << 14

_NUMBER = struct.Struct("=q")
_NONE = -1


class Slot:
    """One worker's place, which outlives it: the next one in it goes on where that ended."""

    def __init__(self) -> None:
        self.taken = False
        """Known to the process that forks the workers, and to no other."""
        self.listener = _listener()
        """The worker answers the others here (:mod:`service.siblings`)."""
        self.counted = Cell(COUNTED_BYTES)
        """What its worker had counted when it was last asked."""
        self.readiness = Cell(READINESS_BYTES)
        """Its worker's answer to /readyz; empty while there is no worker that answers."""

        self._connections = mmap.mmap(-1, _NUMBER.size)
        self.connections = None

    @property
    def connections(self) -> int | None:
        """How many clients its worker has; ``None`` when it takes none."""
        number: int = _NUMBER.unpack_from(self._connections)[0]
        return None if number == _NONE else number

    @connections.setter
    def connections(self, number: int | None) -> None:
        _NUMBER.pack_into(self._connections, 0, _NONE if number is None else number)

    @property
    def occupied(self) -> bool:
        return bool(self.readiness.read())

    def close(self) -> None:
        """For one that no worker has had."""
        self.listener.close()

    def vacate(self) -> None:
        """Its worker has ended."""
        self.taken = False
        self.readiness.write(b"")
        self.connections = None


def _listener() -> socket.socket:
    """On an address that the kernel chooses, and that only processes of this machine or pod can reach."""
    if sys.platform == "linux":
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind("")  # an abstract one: no file is left behind, and none needs a writable folder
    else:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.bind(("127.0.0.1", 0))
    listener.listen(16)
    return listener
