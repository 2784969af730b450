import base64
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.bench.peers.load import Generator, Order, Result
from tests.e2e.server import free_ports

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"
LAST = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"
REFUSED = b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n"
REQUEST = b"GET / HTTP/1.1\r\n\r\n"


@contextmanager
def answering(answer: Callable[[], bytes]) -> Iterator[tuple[int, list[int]]]:
    """A server's port, and for each of its connections how many requests came on it."""
    connections: list[int] = []

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            place = len(connections)
            connections.append(0)
            while self.request.recv(len(REQUEST), 0x100):  # all of it
                connections[place] += 1
                said = answer()
                self.request.sendall(said)
                if b"close" in said or not said:
                    return

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1], connections
        server.shutdown()
        thread.join()


def sent(port: int, *, clients: int = 0, rate: float = 0.0, seconds: float = 0.2, patience: float = 5.0) -> Result:
    return Generator(Order(port, base64.b64encode(REQUEST).decode(), seconds, patience, clients, rate)).run()


def test_clients_of_a_closed_loop_keep_their_connections() -> None:
    with answering(lambda: OK) as (port, connections):
        result = sent(port, clients=3)
    assert len(connections) == 3
    assert min(connections) > 1
    assert result.statuses == {"200": sum(connections)}
    assert len(result.latencies) == sum(connections)
    assert not result.errors


def test_a_client_opens_another_connection_where_the_server_closes() -> None:
    with answering(lambda: LAST) as (port, connections):
        result = sent(port, clients=1)
    assert set(connections) == {1}
    assert result.statuses == {"200": len(connections)}


def test_a_refusal_is_counted_and_has_no_latency() -> None:
    with answering(lambda: REFUSED) as (port, connections):
        result = sent(port, clients=1)
    assert result.statuses == {"429": sum(connections)}
    assert result.latencies == []


def test_a_server_that_hangs_up_is_charged_with_an_error() -> None:
    with answering(lambda: b"") as (port, connections):
        result = sent(port, clients=1)
    assert sum(result.errors.values()) >= len(connections) > 1
    assert not result.statuses


def test_where_nobody_listens_all_is_lost_and_the_run_ends() -> None:
    port, _ = free_ports()
    result = sent(port, clients=2)
    assert set(result.errors) == {"ConnectionRefusedError"}


def test_an_open_loop_sends_what_is_due_though_nothing_is_answered() -> None:
    come, enough = [0], threading.Event()

    def answer() -> bytes:
        come[0] += 1
        if come[0] >= 15:
            enough.set()
        enough.wait(10)
        return OK

    with answering(answer) as (port, _):
        result = sent(port, rate=100)
    assert len(result.latencies) == len(result.late) >= 15
    assert max(result.latencies) > min(result.latencies)


def test_what_is_never_answered_is_lost_when_patience_ends() -> None:
    forever = threading.Event()

    def answer() -> bytes:
        forever.wait(10)
        return OK

    with answering(answer) as (port, _):
        result = sent(port, clients=2, patience=0.1)
        forever.set()
    assert result.errors == {"timeout": 2}
