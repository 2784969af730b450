"""Connections that have had their last answer and are about to be closed."""

import selectors
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import Protocol

LINGER_SECONDS = 2.0
"""How long what a client still sends is read after its last answer: closing at once would reset the connection, and
the answer with it."""

_CHUNK_BYTES = 1 << 16


class Conn(Protocol):
    """A connection as gunicorn has it."""

    sock: socket.socket


class Lingering:
    """For the one thread that waits with ``poller`` and calls what it finds registered there, with the socket.

    ``close`` is told of every connection once, when it is to be closed.
    """

    def __init__(
        self,
        poller: selectors.BaseSelector,
        close: Callable[[Conn], object],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._poller = poller
        self._close = close
        self._clock = clock
        self._until: dict[Conn, float] = {}

    def begin(self, conn: Conn) -> None:
        """Send no more, and read what comes until the client closes or :data:`LINGER_SECONDS` have passed."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self._poller.register(conn.sock, selectors.EVENT_READ, partial(self._discard, conn))
        except (OSError, ValueError):  # gone already
            self._close(conn)
            return
        self._until[conn] = self._clock() + LINGER_SECONDS

    def end_overdue(self) -> None:
        """Close those whose clients have not closed in time."""
        now = self._clock()
        while self._until:
            conn, until = next(iter(self._until.items()))  # the oldest
            if until > now:
                return
            self._end(conn)

    def _discard(self, conn: Conn, sock: socket.socket) -> None:
        try:
            if socket.socket.recv(sock, _CHUNK_BYTES):  # not a subclass's, which may wait
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self._end(conn)

    def _end(self, conn: Conn) -> None:
        del self._until[conn]
        self._poller.unregister(conn.sock)
        self._close(conn)
