"""The adapter of gunicorn's worker; tests/e2e has the whole server."""

import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from queue import Queue
from typing import Any
from unittest.mock import Mock

import pytest
from gunicorn.http.errors import InvalidRequestLine, LimitRequestHeaders, LimitRequestLine
from werkzeug.test import TestResponse

from service.app import create_app
from service.multiprocess.worker_slot import WorkerSlot
from service.server import ops_server
from service.server.worker import Worker
from service.settings import Settings
from tests.service.fakes import ColourEngine
from tests.service.pictures import plain
from tests.service.server.conftest import TIMEOUT_SECONDS as SECONDS
from tests.service.server.conftest import Connection, readable


@pytest.fixture
def worker(start: Callable[..., Worker], settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """A worker that is not started, without an operations server."""
    monkeypatch.setattr(ops_server, "serve", lambda app, listener: None)
    monkeypatch.setattr(threading, "Timer", Mock())  # nothing follows a SIGTERM
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)  # as gunicorn sets one
    app = create_app(settings, ColourEngine())
    with closing(WorkerSlot()) as slot:
        yield start(Worker, settings=settings, slots=[slot], slot=slot, ops_listener=None, wsgi=app)
    app.extensions["predictor"].stop()
    signal.signal(signal.SIGTERM, before)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (InvalidRequestLine("hello"), b"400 Bad Request"),
        (LimitRequestLine(5000, 4094), b"414 "),
        (LimitRequestHeaders("limit request headers fields size"), b"431 "),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_a_malformed_request_is_answered_as_a_problem(
    worker: Worker, connection: Connection, error: Exception, status: bytes
) -> None:
    def handle(connection: Connection) -> bool:
        worker.handle_error(None, connection.sock, ("10.1.2.3", 5000), error)
        return True

    worker.start()
    readable(worker.tpool, connection)
    worker.tpool.submit(handle, connection).result(SECONDS)
    answer = connection.client.recv(10_000)
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"application/problem+json" in answer


def test_a_started_worker_has_loaded_its_model_and_answers_requests(worker: Worker, connection: Connection) -> None:
    worker.start()
    readable(worker.tpool, connection)
    answers: list[TestResponse] = []

    def handle(connection: Connection) -> bool:
        answers.append(worker.wsgi.test_client().post("/predict", data=plain("cat")))
        return True

    worker.tpool.submit(handle, connection).result(SECONDS)
    assert [answer.status_code for answer in answers] == [200]


def test_sigterm_makes_a_worker_unready_and_lets_no_connection_be_kept(worker: Worker) -> None:
    worker.start()
    signal.raise_signal(signal.SIGTERM)
    assert worker.wsgi.extensions["predictor"].lifecycle.state == "draining"
    assert worker.max_keepalived == 0


def test_a_stopping_worker_accepts_the_connections_in_the_backlog(
    worker: Worker, connect: Callable[[], socket.socket], listener: socket.socket
) -> None:
    worker.start()
    worker.set_accept_enabled(True)
    clients = [connect() for _ in range(3)]
    worker.tpool.stop()
    handled: Queue[Any] = Queue()
    worker.handle = handled.put
    worker.set_accept_enabled(False)
    assert listener.fileno() == -1, "the listener is closed afterwards"
    connections = [handled.get(timeout=SECONDS) for _ in clients]
    assert {each.client for each in connections} == {client.getsockname() for client in clients}
    for each in [*clients, *connections]:
        each.close()


def test_a_worker_that_stops_before_its_model_is_loaded_leaves_the_backlog_to_others(
    worker: Worker, connect: Callable[[], socket.socket], listener: socket.socket
) -> None:
    worker.set_accept_enabled(True)
    connect()
    worker.tpool.stop()
    worker.set_accept_enabled(False)
    assert worker.nr_conns == 0
    assert listener.fileno() == -1


def test_a_worker_with_the_maximum_number_of_connections_keeps_its_listener(
    worker: Worker, connect: Callable[[], socket.socket], listener: socket.socket
) -> None:
    worker.start()
    worker.set_accept_enabled(True)
    connect()
    worker.set_accept_enabled(False)
    assert worker.nr_conns == 0
    assert listener.fileno() >= 0
