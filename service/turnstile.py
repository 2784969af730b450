"""Refuses predictions there is no room for before a thread is spent on them.

A refusal by the application costs nearly as much as an answer. Where most requests must be refused, there would be
little time left for those that need not be.
"""

import logging
import socket
import time
from enum import Enum
from typing import Any

from service import asking, unparsed
from service.asking import LOOK_BYTES, Asking
from service.batching import Batcher
from service.connection import Connection
from service.errors import QueueFull
from service.lifecycle import Lifecycle
from service.telemetry import requests
from service.telemetry.observation import Observation
from service.telemetry.recorder import Recorder
from service.telemetry.tracing import Tracing

ROUTE = "/predict"

MOST_CONSUMED = 1 << 16
"""Bytes of a refused body; where there is more to come, closing is cheaper than reading it."""

log = logging.getLogger("cifar10")


class Verdict(Enum):
    """What becomes of a connection that has something to read."""

    PASS = "to a thread"
    COMING = "to a thread, with a whole request for a prediction"
    KEEP = "refused; the next request may come"
    CLOSE = "refused; no more is read"


class Turnstile:
    """Used by one thread, which never waits here; ``most`` requests for predictions can be on their way at once."""

    def __init__(
        self,
        batcher: Batcher,
        lifecycle: Lifecycle,
        tracing: Tracing,
        recorder: Recorder,
        *,
        most: int,
        trust_request_start: bool,
    ) -> None:
        self._batcher = batcher
        self._lifecycle = lifecycle
        self._tracing = tracing
        self._recorder = recorder
        self._most = most
        self._trust_request_start = trust_request_start

    def look(self, connection: Connection, client: str | None, coming: int, keeps: bool) -> Verdict:
        """Refuse what has come on the connection where there is no room, with ``coming`` requests in threads.

        ``keeps`` says whether the connection may be kept. What is not refused is given back to the connection.
        """
        try:
            data = socket.socket.recv(connection, LOOK_BYTES, socket.MSG_DONTWAIT)
        except OSError:  # nothing after all, or gone: the thread will see
            return Verdict.PASS
        connection.given_back = data
        asked = asking.read(data)
        if asked is None:
            return Verdict.PASS
        refusal = self._refusal(coming)
        if refusal is None:
            return Verdict.COMING if asked.whole or asked.received == LOOK_BYTES else Verdict.PASS
        connection.given_back = b""
        keep = keeps and asked.persistent and _consume(connection, asked.end - asked.received)
        return self._refuse(connection, asked, client, refusal, keep)

    def _refusal(self, coming: int) -> QueueFull | None:
        if not self._lifecycle.accepting:  # what to say then, the application knows
            return None
        if self._batcher.room < 1:
            return self._batcher.full()
        return self._batcher.full(coming=coming - self._batcher.depth) if coming >= self._most else None

    def _refuse(
        self, connection: Connection, asked: Asking, client: str | None, refusal: QueueFull, keep: bool
    ) -> Verdict:
        try:
            observation = self._observe(connection, asked, client)
            whole = unparsed.answer(refusal, observation, keep=keep)
            self._tracing.answered(observation.span, refusal.headers.items())
            self._recorder.add(observation, may_wait=False)
            sent = socket.socket.send(connection, whole, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
        except OSError:  # the client has gone, or does not read
            return Verdict.CLOSE
        except Exception:
            log.exception("refusing a request of %s failed", client)
            return Verdict.CLOSE
        return Verdict.KEEP if keep and sent == len(whole) else Verdict.CLOSE

    def _observe(self, connection: Connection, asked: Asking, client: str | None) -> Observation:
        environ: dict[str, Any] = {f"HTTP_{name}": value for name, value in asked.fields.items()}
        environ |= {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": ROUTE,
            "QUERY_STRING": asked.query,
            "REMOTE_ADDR": client,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.url_scheme": "http",
            "gunicorn.socket": connection,
        }
        connection.taken = time.monotonic()
        return requests.observe(environ, ROUTE, ROUTE, self._tracing, trust_request_start=self._trust_request_start)


def _consume(connection: Connection, rest: int) -> bool:
    """Take so many more bytes off the connection; whether they were there, so that the next request can come."""
    if not 0 <= rest <= MOST_CONSUMED:  # less than none where the next request has come already
        return False
    try:
        return rest == 0 or len(socket.socket.recv(connection, rest, socket.MSG_DONTWAIT)) == rest
    except OSError:
        return False
