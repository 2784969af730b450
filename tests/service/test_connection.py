import socket
import time
from collections.abc import Iterator

import pytest

from service.connection import Connection


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


def test_a_timeout_of_its_own_is_kept(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    connection.settimeout(7.0)
    client.sendall(b"x")
    connection.recv(1)
    connection.sendall(b"y")
    assert connection.gettimeout() == 7.0


def test_what_was_given_back_is_received_before_what_came_later(pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    connection.deadline = time.monotonic() + 30
    client.sendall(b"later")
    connection.given_back = b"first"
    assert [connection.recv(3), connection.recv(3), connection.recv(100)] == [b"fir", b"st", b"later"]
