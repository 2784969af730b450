"""A client's connection that can't hold a thread for longer than it may."""

import math
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

SEND_SECONDS = 15.0
"""How long a client may take to read one answer."""

MOST_HELD = 1 << 16
"""Bytes of an answer that wait for the rest of it."""


class Connection(socket.socket):
    """A client's socket whose reads, all together, end at ``deadline`` (monotonic) with ``TimeoutError``.

    A limit for each read alone would let a client that sends a byte now and then hold a thread for ever.

    The kernel never waits here: what is not there yet is waited for by ``poll()``. gunicorn switches between waiting
    and not several times a request, and each time would be a system call that lets go of the interpreter's lock.
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

    _timeout: float | None = None
    _held: list[bytes] | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        super().setblocking(False)

    def gettimeout(self) -> float | None:
        return self._timeout

    def settimeout(self, value: float | None, /) -> None:
        self._timeout = value

    def setblocking(self, flag: bool, /) -> None:
        self._timeout = None if flag else 0.0

    def recv(self, size: int, flags: int = 0, /) -> bytes:
        if self.given_back:
            data, self.given_back = self.given_back[:size], self.given_back[size:]
            return data
        while (remaining := self.deadline - time.monotonic()) > 0:
            try:
                return super().recv(size, flags)
            except BlockingIOError:
                if self._timeout == 0.0:
                    raise
                self._wait(select.POLLIN, remaining if self._timeout is None else min(self._timeout, remaining))
        raise TimeoutError

    def readable_within(self, seconds: float) -> bool:
        """Whether something comes in that time, be it the end."""
        return self._becomes(select.POLLIN, seconds)

    @contextmanager
    def in_one_piece(self) -> Iterator[None]:
        """What is sent in the block leaves at its end: a head without its body would wake the client for nothing.

        After an exception it does not leave at all.
        """
        self._held = []
        try:
            yield
            self._release()
        finally:
            self._held = None

    def sendall(self, data: Any, flags: int = 0, /) -> None:
        if self._held is None:
            self._send(data, flags)
            return
        self._held.append(bytes(data))
        if sum(map(len, self._held)) > MOST_HELD:
            self._release()

    def _release(self) -> None:
        if self._held:
            held, self._held = self._held, []
            self._send(b"".join(held))

    def _send(self, data: Any, flags: int = 0) -> None:
        until = time.monotonic() + SEND_SECONDS
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[super().send(rest, flags) :]
            except BlockingIOError:
                self._wait(select.POLLOUT, until - time.monotonic())

    def _wait(self, event: int, seconds: float) -> None:
        if seconds <= 0 or not self._becomes(event, seconds):
            raise TimeoutError

    def _becomes(self, event: int, seconds: float) -> bool:
        poll = select.poll()
        poll.register(self, event)
        return bool(poll.poll(None if math.isinf(seconds) else math.ceil(1000 * seconds)))
