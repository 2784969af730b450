"""The other worker processes of this server, for whichever of them is asked about all."""

import http.client
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from http import HTTPStatus
from typing import Any

import orjson

from service.slots import Slot

COUNTED, ALIVE = "/counted", "/healthz"
"""What one worker asks another."""

PATIENCE_SECONDS = 1.0
"""How long it waits for the answer."""

log = logging.getLogger("cifar10")


class Siblings:
    """None, until this process has joined them."""

    def __init__(self) -> None:
        self._slots: Sequence[Slot] = ()
        self._own: Slot | None = None

    def join(self, slots: Sequence[Slot], own: Slot) -> None:
        self._slots, self._own = slots, own

    def readiness(self) -> list[dict[str, Any]]:
        """What each of them would answer to /readyz."""
        told = [slot.readiness.read() for slot in self._others()]
        return [orjson.loads(each) for each in told if each]

    def alive(self) -> bool:
        """Whether none says of itself that it is not; one that hangs altogether is gunicorn's to end."""
        answers = [_ask(slot, ALIVE) for slot in self._others() if slot.occupied]
        return all(status == HTTPStatus.OK for status, _ in filter(None, answers))

    def counted(self) -> list[bytes]:
        """What each has counted: by its own word, or by its last if it has ended or does not answer."""
        return [counted for slot in self._others() if (counted := _counted(slot))]

    def inherited(self) -> bytes:
        """What the worker that had this one's slot before had counted."""
        return self._own.counted.read() if self._own else b""

    def bequeath(self, counted: bytes) -> None:
        """Keep what this one has counted."""
        if self._own:
            self._own.counted.write(counted)

    def announce(self, readiness: bytes) -> None:
        """Let the others know what this one would answer to /readyz."""
        if self._own:
            self._own.readiness.write(readiness)

    def _others(self) -> Iterator[Slot]:
        return (slot for slot in self._slots if slot is not self._own)


def _counted(slot: Slot) -> bytes:
    if slot.occupied:
        answer = _ask(slot, COUNTED)
        if answer and answer[0] == HTTPStatus.OK:
            return answer[1]
        log.warning("another worker does not answer: what it has counted since the last scrape is not in this one")
    return slot.counted.read()


class _Connection(http.client.HTTPConnection):
    def __init__(self, listener: socket.socket) -> None:
        super().__init__("worker", timeout=PATIENCE_SECONDS)
        self._listener = listener

    def connect(self) -> None:
        self.sock = socket.socket(self._listener.family, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._listener.getsockname())


def _ask(slot: Slot, path: str) -> tuple[int, bytes] | None:
    """Status and body; ``None`` without an answer."""
    with closing(_Connection(slot.listener)) as connection:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
