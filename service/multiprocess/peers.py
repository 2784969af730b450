"""The other worker processes of this server: their readiness, their health and their counters."""

import http.client
import logging
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing
from http import HTTPStatus
from typing import Any

import orjson

from service.json_encoding import encode
from service.multiprocess.worker_slot import WorkerSlot

COUNTERS, ALIVE = "/counters", "/healthz"
"""Paths that one worker requests from another."""

TIMEOUT_SECONDS = 1.0

log = logging.getLogger("cifar10")


class Peers:
    """Empty until :meth:`join`."""

    def __init__(self) -> None:
        self._slots: Sequence[WorkerSlot] = ()
        self._own: WorkerSlot | None = None

    def join(self, slots: Sequence[WorkerSlot], own: WorkerSlot) -> None:
        self._slots, self._own = slots, own

    def announce(self, report: dict[str, Any]) -> None:
        """Publish this worker's answer to /readyz."""
        if self._own:
            self._own.readiness.write(encode(report))

    def readiness(self) -> list[dict[str, Any]]:
        """The other workers' answers to /readyz."""
        reports = [slot.readiness.read() for _, slot in self._others()]
        return [orjson.loads(report) for report in reports if report]

    def alive(self) -> bool:
        """Whether no other worker reports that it is dead; gunicorn itself ends a worker that hangs."""
        answers = [_get(slot, ALIVE) for _, slot in self._others() if slot.occupied]
        return all(status == HTTPStatus.OK for status, _ in filter(None, answers))

    def counters(self) -> list[bytes]:
        """The counters of each other worker; the last known ones if it has ended or does not answer."""
        return [counters for number, slot in self._others() if (counters := _counters(number, slot))]

    def inherited(self) -> bytes:
        """The counters of the worker that used this slot before."""
        return self._own.counters.read() if self._own else b""

    def bequeath(self, counters: bytes) -> None:
        """Store this worker's counters for its successor."""
        if self._own:
            self._own.counters.write(counters)

    def _others(self) -> Iterator[tuple[int, WorkerSlot]]:
        return ((number, slot) for number, slot in enumerate(self._slots, start=1) if slot is not self._own)


def _counters(number: int, slot: WorkerSlot) -> bytes:
    if slot.occupied:
        answer = _get(slot, COUNTERS)
        if answer and answer[0] == HTTPStatus.OK:
            return answer[1]
        log.warning("worker %d did not answer; this scrape uses its last known counters", number)
    return slot.counters.read()


class _Connection(http.client.HTTPConnection):
    def __init__(self, listener: socket.socket) -> None:
        super().__init__("worker", timeout=TIMEOUT_SECONDS)
        self._listener = listener

    def connect(self) -> None:
        self.sock = socket.socket(self._listener.family, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._listener.getsockname())


def _get(slot: WorkerSlot, path: str) -> tuple[int, bytes] | None:
    """Status and body; ``None`` without an answer."""
    with closing(_Connection(slot.listener)) as connection:
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except (OSError, http.client.HTTPException):
            return None
