"""A client's connection that can't hold a thread for longer than it may."""

import socket
import time
from collections.abc import Callable
from typing import Any

SEND_SECONDS = 15.0
"""How long a client may take to read one answer."""


class Connection(socket.socket):
    """A client's socket whose reads, all together, end at ``deadline`` (monotonic) with ``TimeoutError``.

    A limit for each read alone would let a client that sends a byte now and then hold a thread for ever.
    """

    deadline = float("inf")
    arrived: float | None = None
    """When the request was seen on the socket, monotonic. From then on it waits for a thread, which would not show."""
    taken: float | None = None
    """When a thread took it. From then on the client is at fault if its headers take long."""
    close_after_answer: Callable[[], object] | None = None
    """Lets the answer to the present request say that it is the last."""

    given_back = b""
    """What was received and not used; it is received again before all else."""

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        if self.given_back:
            data, self.given_back = self.given_back[:size], self.given_back[size:]
            return data
        remaining = self.deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError
        timeout = self.gettimeout()
        self.settimeout(remaining if timeout is None else min(timeout, remaining))
        try:
            return super().recv(size, flags)
        finally:
            self.settimeout(timeout)

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        timeout = self.gettimeout()
        self.settimeout(SEND_SECONDS)
        try:
            super().sendall(data, flags)
        finally:
            self.settimeout(timeout)
