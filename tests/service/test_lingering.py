import selectors
import socket
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from service.lingering import LINGER_SECONDS, Conn, Lingering
from tests.service.clock import Clock


@dataclass(eq=False)
class Connected:
    sock: socket.socket
    client: socket.socket


@pytest.fixture
def conn() -> Iterator[Connected]:
    ours, client = socket.socketpair()
    with ours, client:
        client.settimeout(20)
        yield Connected(ours, client)


@pytest.fixture
def poller() -> Iterator[selectors.BaseSelector]:
    with selectors.DefaultSelector() as poller:
        yield poller


@pytest.fixture
def closed() -> list[Conn]:
    return []


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def lingering(poller: selectors.BaseSelector, closed: list[Conn], clock: Clock) -> Lingering:
    return Lingering(poller, closed.append, clock)


def dispatch(poller: selectors.BaseSelector) -> None:
    for key, _ in poller.select(20):
        key.data(key.fileobj)


def test_the_client_learns_that_nothing_more_comes(lingering: Lingering, conn: Connected) -> None:
    lingering.begin(conn)
    assert conn.client.recv(1) == b""


def test_what_the_client_still_sends_is_read(
    lingering: Lingering, conn: Connected, poller: selectors.BaseSelector, closed: list[Conn]
) -> None:
    lingering.begin(conn)
    conn.client.sendall(b"the rest of a body")
    dispatch(poller)
    assert not closed
    with pytest.raises(BlockingIOError):
        conn.sock.recv(1)


def test_it_ends_when_the_client_has_closed(
    lingering: Lingering, conn: Connected, poller: selectors.BaseSelector, closed: list[Conn], clock: Clock
) -> None:
    lingering.begin(conn)
    conn.client.close()
    dispatch(poller)
    assert closed == [conn]
    assert not poller.get_map()
    clock.now += 2 * LINGER_SECONDS
    lingering.end_overdue()
    assert closed == [conn]


def test_it_ends_for_a_client_that_does_not_close(
    lingering: Lingering, conn: Connected, poller: selectors.BaseSelector, closed: list[Conn], clock: Clock
) -> None:
    lingering.begin(conn)
    clock.now += 0.9 * LINGER_SECONDS
    lingering.end_overdue()
    assert not closed
    clock.now += 0.2 * LINGER_SECONDS
    lingering.end_overdue()
    assert closed == [conn]
    assert not poller.get_map()


def test_a_connection_that_is_gone_is_closed_at_once(lingering: Lingering, conn: Connected, closed: list[Conn]) -> None:
    conn.sock.close()
    lingering.begin(conn)
    assert closed == [conn]
    lingering.end_overdue()
    assert closed == [conn]
