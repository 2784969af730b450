"""One connection of the load generator: a request at a time, without blocking."""

import re
import socket
from contextlib import suppress

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CLOSES = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)


class Broken(Exception):
    """The connection ended before its answer did, or what came is not HTTP."""


class Channel:
    """Keeps its connection as long as the server does; ``due`` is for the user's own notes, in seconds."""

    def __init__(self, port: int, request: bytes) -> None:
        self._port = port
        self._request = request
        self._socket: socket.socket | None = None
        self._unsent = b""
        self._received = b""
        self.due = 0.0

    def begin(self) -> int:
        """Send the request, and connect before if need be; the file descriptor to watch. Raises ``OSError``."""
        if self._socket is None:
            self._socket = socket.create_connection(("127.0.0.1", self._port), timeout=5.0)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._socket.setblocking(False)
        self._received, self._unsent = b"", self._request
        self.write()
        return self._socket.fileno()

    @property
    def sending(self) -> bool:
        """Whether some of the request does not fit into the kernel's buffer yet."""
        return bool(self._unsent)

    @property
    def connected(self) -> bool:
        return self._socket is not None

    def write(self) -> None:
        """Raises ``OSError``."""
        assert self._socket is not None
        with suppress(BlockingIOError):
            self._unsent = self._unsent[self._socket.send(self._unsent) :]

    def read(self) -> int | None:
        """The answer's status once all of it is there. Raises ``OSError`` and :class:`Broken`."""
        assert self._socket is not None
        try:
            data = self._socket.recv(1 << 16)
        except BlockingIOError:
            return None
        self._received += data
        status = complete(self._received, ended=not data)
        if status is None and not data:
            raise Broken("closed without an answer" if not self._received else "answer cut off")
        if status is not None and (not data or CLOSES.search(self._received.partition(b"\r\n\r\n")[0])):
            self.close()
        return status

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def complete(received: bytes, *, ended: bool) -> int | None:
    """The status of an answer that has come in whole, else ``None``. Raises :class:`Broken`."""
    head, separator, body = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    if not re.match(rb"HTTP/1\.[01] \d{3}", head):
        raise Broken("not HTTP")
    if length := LENGTH.search(head):
        ended = len(body) >= int(length[1])
    elif CHUNKED.search(head):
        ended = body.endswith(b"0\r\n\r\n")
    return int(head[9:12]) if ended else None
