import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from service.server.connections import CLOSE_SECONDS
from tests.e2e.conftest import Start
from tests.e2e.server import Server, eventually, running
from tests.e2e.traffic import BIRD, answer, post

TIMEOUT = 1.0
PROMPT = 5.0
"""Seconds; the bound for an answer that no slow client may delay."""


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that waits one second for a request."""
    with running(tmp_path_factory.mktemp("impatient"), body_timeout_seconds=TIMEOUT) as server:
        yield server.wait_until_ready()


def assert_serves_others(server: Server) -> None:
    with server.connect(PROMPT) as connection:
        connection.sendall(post())
        assert answer(connection).status == 200


def test_a_client_that_stalls_in_its_body_gets_408(impatient: Server) -> None:
    with impatient.connect() as connection:
        connection.sendall(post(BIRD[:100], f"Content-Length: {len(BIRD)}"))
        assert_serves_others(impatient)
        found = answer(connection)
        assert found.status == 408
        assert b'"body_timeout"' in found.body
        assert connection.recv(1) == b""
    assert_serves_others(impatient)


def test_a_client_that_stalls_in_its_headers_is_disconnected(impatient: Server) -> None:
    with impatient.connect() as connection:
        connection.sendall(b"POST /predict HTTP/1.1\r\nHost: te")
        assert_serves_others(impatient)
        assert connection.recv(1) == b""
    assert "Traceback" not in impatient.log()


def trickle(connection: socket.socket, until: float) -> bool:
    """Send a byte every 0.1 s for ``until`` seconds; whether the server has disconnected or answered."""
    connection.settimeout(0.1)
    for _ in range(int(until * 10)):
        try:
            connection.sendall(b"x")
            if connection.recv(1000) == b"":
                return True
        except TimeoutError:
            continue
        except OSError:
            return True
    return False


@pytest.mark.parametrize("begun", [b"GET / HTTP/1.1\r\nX: ", post(b"", "Content-Length: 100000")])
def test_a_client_that_sends_one_byte_at_a_time_is_ended_in_time(impatient: Server, begun: bytes) -> None:
    with impatient.connect() as connection:
        connection.sendall(begun)
        assert trickle(connection, until=20.0)


def test_many_idle_connections_do_not_delay_others(sturdy: Server) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(sturdy.connect())
        assert_serves_others(sturdy)


def test_many_stalled_requests_are_ended_in_time(impatient: Server) -> None:
    with ExitStack() as stack:
        for _ in range(300):
            stack.enter_context(impatient.connect()).sendall(post(b"", "Content-Length: 5"))
        # Every thread now waits for a body, for one second.
        with impatient.connect(30) as connection:
            connection.sendall(post())
            assert answer(connection).status == 200


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1\r\nConnection: close"])
def test_clients_that_do_not_close_after_the_last_answer_do_not_delay_others(sturdy: Server, version: str) -> None:
    with ExitStack() as stack:
        for _ in range(10):
            connection = stack.enter_context(sturdy.connect())
            connection.sendall(f"GET /healthz {version}\r\nHost: test\r\n\r\n".encode())
            assert answer(connection).status == 200
        until = time.monotonic() + 2 * CLOSE_SECONDS  # while the server waits for them, and after that
        while time.monotonic() < until:
            assert_serves_others(sturdy)


def test_a_client_that_goes_on_sending_a_refused_body_does_not_delay_others(sturdy: Server) -> None:
    with sturdy.connect() as connection:
        connection.sendall(post(bytes(1000), "Content-Length: 20000000"))
        assert answer(connection).status == 413
        assert_serves_others(sturdy)


def test_a_client_that_never_reads_its_answers_does_not_keep_a_thread(start: Start) -> None:
    server = start(body_timeout_seconds=TIMEOUT, deadline_seconds=TIMEOUT, grace_seconds=60).wait_until_ready()
    with server.connect() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(1)
        eventually(lambda: request_until_disconnected(connection), within=30, what="the end of the connection")
        assert_serves_others(server)


def request_until_disconnected(connection: socket.socket) -> bool:
    """Request answers until the buffers are full; whether the server has disconnected."""
    try:
        while True:
            connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: test\r\n\r\n" * 100)
    except TimeoutError:
        return False
    except OSError:
        return True
