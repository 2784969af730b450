"""The thread pool of the adapter: deferral, times and time limits of connections."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gunicorn.workers.gthread import _DEFER

from service.server import connections
from service.server import worker as module
from service.server.worker import RequestThreads
from service.settings import Settings
from service.telemetry.middleware import ARRIVED, TAKEN
from tests.service.fakes import Clock
from tests.service.server.conftest import TIMEOUT_SECONDS as SECONDS
from tests.service.server.conftest import Connection, readable

READ_SECONDS = Settings().body_timeout_seconds
TOTAL_SECONDS = 2 * READ_SECONDS + Settings().deadline_seconds


@pytest.fixture
def threads() -> Iterator[RequestThreads]:
    threads = RequestThreads(Settings(queue_capacity=1, max_images=1, max_batch=1))
    yield threads
    ThreadPoolExecutor.shutdown(threads)  # its own does nothing


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    return clock


class Handler:
    """A request's work, which starts with a call and ends when the socket says so."""

    def __init__(self, work: Callable[[socket.socket], object]) -> None:
        self._work = work
        self.started = threading.Event()
        self.result: object = None

    def __call__(self, connection: Connection) -> bool:
        self.started.set()
        try:
            self.result = self._work(connection.sock)
        except OSError as error:
            self.result = error
        return True


def test_a_new_connection_does_not_get_a_thread(threads: RequestThreads, connection: Connection) -> None:
    handled: list[Connection] = []
    future = threads.submit(handled.append, connection)
    assert future.result() is _DEFER
    assert not handled


def test_a_connection_that_has_sent_something_gets_a_thread_every_time(
    threads: RequestThreads, connection: Connection
) -> None:
    readable(threads, connection)
    for _ in range(3):
        assert threads.submit(lambda connection: connection is not None, connection).result(SECONDS) is True


def test_the_application_knows_when_a_request_arrived_and_when_a_thread_took_it(
    threads: RequestThreads, connection: Connection, clock: Clock
) -> None:
    seen: list[dict[str, Any]] = []
    app = threads.timed(lambda environ, start_response: seen.append(environ) or [])  # type: ignore[func-returns-value]
    release = threading.Event()
    others = [Connection(*socket.socketpair()) for _ in range(Settings(queue_capacity=1, max_batch=1).threads)]
    for each in others:  # every thread is busy
        readable(threads, each)
        threads.submit(lambda connection: release.wait(SECONDS), each)
    readable(threads, connection)

    def handle(connection: Connection) -> bool:
        app({}, None)
        return True

    future = threads.submit(handle, connection)
    arrived, clock.now = clock.now, clock.now + 3.0
    release.set()
    future.result(SECONDS)
    assert seen == [{ARRIVED: arrived, TAKEN: arrived + 3.0}]
    for each in others:
        each.sock.close()
        each.client.close()


def test_a_request_that_is_not_received_in_time_ends_and_can_still_be_answered(
    threads: RequestThreads, connection: Connection, clock: Clock
) -> None:
    readable(threads, connection)
    handler = Handler(lambda sock: sock.recv(100))
    future = threads.submit(handler, connection)
    assert handler.started.wait(SECONDS)
    clock.now += READ_SECONDS - 1
    threads.end_slow()
    assert not future.done()
    clock.now += 2
    threads.end_slow()
    future.result(SECONDS)
    assert handler.result == b""
    connection.sock.sendall(b"408")
    assert connection.client.recv(100) == b"408"


def test_an_answer_that_is_not_received_in_time_ends(
    threads: RequestThreads, connection: Connection, clock: Clock
) -> None:
    readable(threads, connection)
    handler = Handler(lambda sock: sock.sendall(bytes(10_000_000)))
    future = threads.submit(handler, connection)
    assert handler.started.wait(SECONDS)
    clock.now += TOTAL_SECONDS + 1
    threads.end_slow()
    future.result(SECONDS)
    assert isinstance(handler.result, BrokenPipeError)


def test_connections_without_a_request_stay_open_while_the_server_runs(
    threads: RequestThreads, connection: Connection, clock: Clock
) -> None:
    readable(threads, connection)
    clock.now += 1000
    threads.end_slow()
    connection.client.sendall(b"late")
    assert connection.sock.recv(100) == b"late"


def test_a_stopping_server_ends_silent_connections_soon_and_gives_new_ones_a_thread(
    threads: RequestThreads, connection: Connection, clock: Clock
) -> None:
    readable(threads, connection)
    threads.stop()
    newest = Connection(*socket.socketpair())
    with newest.sock, newest.client:
        handler = Handler(lambda sock: sock.recv(100))
        future = threads.submit(handler, newest)
        assert handler.started.wait(SECONDS), "it is not deferred"
        clock.now += module.IDLE_SECONDS + 1
        threads.end_slow()
        assert connection.sock.recv(100) == b"", "the silent connection has ended"
        newest.client.sendall(b"a slow body")
        future.result(SECONDS)
        assert handler.result == b"a slow body"


def test_a_connection_that_is_being_deferred_when_the_server_stops_is_handled(
    threads: RequestThreads, connection: Connection
) -> None:
    deferred = threads.submit(lambda connection: "handled", connection)
    threads.stop()
    assert deferred.result() == "handled"


def test_the_threads_go_on_after_gunicorn_has_shut_the_pool_down(
    threads: RequestThreads, connection: Connection
) -> None:
    threads.shutdown(wait=False)
    readable(threads, connection)
    assert threads.submit(lambda connection: True, connection).result(SECONDS) is True


def test_a_connection_that_is_not_kept_ends_when_the_client_closes_it(
    threads: RequestThreads, connection: Connection
) -> None:
    readable(threads, connection)
    future = threads.submit(lambda connection: False, connection)
    assert connection.client.recv(100) == b"", "the client learns that no further answer comes"
    connection.client.sendall(b"the rest of a body")
    assert not future.done()
    connection.client.close()
    assert future.result(SECONDS) is False


def test_a_client_that_does_not_close_its_connection_is_not_waited_for_long(
    threads: RequestThreads, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "CLOSE_SECONDS", 0.01)
    readable(threads, connection)
    assert threads.submit(lambda connection: False, connection).result(SECONDS) is False


def test_an_error_of_the_handler_is_passed_on(threads: RequestThreads, connection: Connection) -> None:
    def fail(connection: Connection) -> bool:
        raise KeyError("bug")

    readable(threads, connection)
    with pytest.raises(KeyError, match="bug"):
        threads.submit(fail, connection).result(SECONDS)
