"""Clients that send one request after another and record the outcome of each."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Protocol

from tests.e2e.traffic import BIRD

MOST_UNANSWERED = 64
"""Requests of a constant rate that may be in flight."""


class Listening(Protocol):
    """A server of the API on a port of 127.0.0.1."""

    port: int


@dataclass(frozen=True)
class Outcome:
    """A whole answer; ``asked`` is when its request was sent (monotonic)."""

    asked: float
    status: int
    closing: bool


@dataclass
class Load:
    """The outcomes of all requests."""

    outcomes: list[Outcome] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    """Requests that were sent on an established connection and not answered completely."""
    over: threading.Event = field(default_factory=threading.Event)

    def statuses(self) -> set[int]:
        return {outcome.status for outcome in self.outcomes}

    def request(self, server: Listening) -> None:
        """Send one on a connection of its own; a refused connection is lost too."""
        asked = time.monotonic()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        try:
            connection.request("POST", "/predict", BIRD)
            response = connection.getresponse()
            response.read()
        except (OSError, HTTPException) as error:
            self.lost.append(repr(error))
        else:
            self.outcomes.append(Outcome(asked, response.status, closing=True))
        finally:
            connection.close()

    def client(self, server: Listening, keep: bool) -> None:
        """Send requests until the load is over or the server takes no more connections."""
        connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
        while not self.over.is_set():
            try:
                connection.connect() if connection.sock is None else None
            except OSError:
                break  # refused: not lost, and sent nowhere
            asked = time.monotonic()
            try:
                connection.request("POST", "/predict", BIRD)
                response = connection.getresponse()
                response.read()
            except (OSError, HTTPException) as error:
                self.lost.append(f"{'kept' if keep else 'new'} connection: {error!r}")
                break
            closing = response.headers["Connection"] == "close"
            self.outcomes.append(Outcome(asked, response.status, closing))
            if closing or not keep:
                connection.close()
        connection.close()


@contextmanager
def load(server: Listening, kept: int, new: int) -> Iterator[Load]:
    """Load the server during the block: ``kept`` clients keep their connection, ``new`` open one per request."""
    load = Load()
    threads = [threading.Thread(target=load.client, args=(server, number < kept)) for number in range(kept + new)]
    for thread in threads:
        thread.start()
    try:
        yield load
    finally:
        load.over.set()
        for thread in threads:
            thread.join()


@contextmanager
def constant_rate(server: Listening, per_second: float) -> Iterator[Load]:
    """Send requests at a constant rate during the block, whether or not earlier ones have been answered."""
    load = Load()
    with ThreadPoolExecutor(MOST_UNANSWERED) as pool:

        def send() -> None:
            due = time.monotonic()
            while not load.over.wait(max(0.0, due - time.monotonic())):
                pool.submit(load.request, server)
                due += 1 / per_second

        sending = threading.Thread(target=send)
        sending.start()
        try:
            yield load
        finally:
            load.over.set()
            sending.join()
