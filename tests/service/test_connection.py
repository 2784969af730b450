import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest

from service.connection import MOST_HELD, Connection


@pytest.fixture
def pair() -> Iterator[tuple[Connection, socket.socket]]:
    ours, client = socket.socketpair()
    with Connection(ours.family, ours.type, ours.proto, ours.detach()) as connection, client:
        yield connection, client


def test_what_comes_before_the_deadline_is_read(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    connection.deadline = time.monotonic() + 30
    client.sendall(b"hello")
    assert connection.recv(100) == b"hello"


def test_waiting_ends_at_the_deadline(pair: tuple[Connection, socket.socket]) -> None:
    connection, _ = pair
    connection.deadline = time.monotonic() + 0.05
    with pytest.raises(TimeoutError):
        connection.recv(100)


def test_a_client_that_trickles_gains_no_time(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    connection.deadline = time.monotonic()
    client.sendall(b"one more byte")
    with pytest.raises(TimeoutError):
        connection.recv(100)


def test_a_shorter_timeout_of_its_own_counts(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    connection.deadline = time.monotonic() + 1000
    connection.settimeout(0.05)
    with pytest.raises(TimeoutError):
        connection.recv(100)
    client.sendall(b"x")
    assert connection.recv(1) == b"x"
    assert connection.gettimeout() == 0.05


def test_without_blocking_nothing_is_waited_for(pair: tuple[Connection, socket.socket]) -> None:
    connection, _ = pair
    connection.setblocking(False)
    with pytest.raises(BlockingIOError):
        connection.recv(100)


def test_what_comes_meanwhile_is_received(
    pair: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    connection, client = pair
    wait = connection._wait

    def wait_for_the_client(event: int, seconds: float) -> None:
        client.sendall(b"late")
        wait(event, seconds)

    monkeypatch.setattr(connection, "_wait", wait_for_the_client)
    assert connection.recv(100) == b"late"


def test_a_long_answer_is_sent_to_its_end_as_the_client_reads(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    answer = bytes(range(256)) * 8192
    sender = threading.Thread(target=connection.sendall, args=[answer])
    sender.start()
    received = bytearray()
    while len(received) < len(answer):
        received += client.recv(1 << 16)
    sender.join()
    assert received == answer


def test_a_client_that_does_not_read_is_given_up(
    pair: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.connection.SEND_SECONDS", 0.05)
    with pytest.raises(TimeoutError):
        pair[0].sendall(b"x" * 10_000_000)


def test_an_answer_leaves_in_one_piece(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    client.setblocking(False)
    with connection.in_one_piece():
        connection.sendall(b"head ")
        connection.sendall(b"body")
        with pytest.raises(BlockingIOError):
            client.recv(100)
    assert client.recv(100) == b"head body"


def test_of_a_long_answer_no_more_is_held_than_may_be(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    client.setblocking(False)
    with connection.in_one_piece():
        for _ in range(3):
            connection.sendall(b"x" * (MOST_HELD // 2))
        assert client.recv(1)


def test_of_an_answer_that_failed_nothing_leaves(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    client.setblocking(False)
    with suppress(RuntimeError), connection.in_one_piece():
        connection.sendall(b"head")
        raise RuntimeError
    connection.sendall(b"refusal")
    assert client.recv(100) == b"refusal"


def test_what_was_given_back_is_received_before_what_came_later(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    connection.deadline = time.monotonic() + 30
    client.sendall(b"later")
    connection.given_back = b"first"
    assert [connection.recv(3), connection.recv(3), connection.recv(100)] == [b"fir", b"st", b"later"]


def test_it_is_told_whether_something_comes_soon(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    assert not connection.readable_within(0.001)
    client.sendall(b"more")
    assert connection.readable_within(30)
    assert connection.recv(100) == b"more"
    client.close()
    assert connection.readable_within(30)
