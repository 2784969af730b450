"""HTTP/1.1 connections and the pool of those that are kept."""

import asyncio
import contextlib

import pytest

from k8s.rollout_check.connection import LONGEST_BODY, Answer, Connection, MalformedAnswer, Pool

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def read(data: bytes) -> Answer:
    """The response that a server sends before it closes the connection."""

    async def run() -> Answer:
        async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readexactly(len(b"hello"))
            writer.write(data)
            with contextlib.suppress(ConnectionError):  # who has read enough hangs up
                await writer.drain()
            writer.close()

        async with await asyncio.start_server(send, "127.0.0.1", 0) as server:
            connection = Connection(*await asyncio.open_connection(*server.sockets[0].getsockname()))
            try:
                return await connection.ask(b"hello")
            finally:
                connection.close()

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("data", "body", "keeps"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi", True),
        (b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", b"", True),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: Close\r\n\r\nhi", b"hi", False),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi", False),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", b"to the end", False),
        (CHUNKED + b"2;x=y\r\nhi\r\nB\r\n, you there\r\n0\r\n\r\n", b"hi, you there", True),
        (CHUNKED + b"0\r\nTrailer: x\r\n\r\n", b"", True),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", b"hi", True),
    ],
)  # fmt: skip
def test_a_body_is_framed_as_http_defines(data: bytes, body: bytes, keeps: bool) -> None:
    answer = read(data)
    assert (answer.status, answer.body, answer.keeps) == (200, body, keeps)


def test_a_response_may_have_no_body() -> None:
    assert read(b"HTTP/1.1 204 No Content\r\nX-Pod: a\r\n\r\n").headers["x-pod"] == "a"


@pytest.mark.parametrize(
    "data",
    [
        b"\x15\x03\x01\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: two\r\n\r\nhi",
        b"HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\nhi",
        CHUNKED + b"xyz\r\nhi\r\n",
        CHUNKED + b"-2\r\nhi\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % (LONGEST_BODY + 1),
        b"HTTP/1.1 200 OK\r\n\r\n" + bytes(LONGEST_BODY + 1),
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
    ids=lambda data: repr(data[:60]),
)
def test_malformed_or_oversized_responses_are_refused(data: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read(data)


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi"])
def test_a_truncated_response_is_incomplete(data: bytes) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        read(data)


KEPT = 3


class FakeConnection(Connection):
    """A connection that is closed unless it is :attr:`usable`."""

    usable = True

    def __init__(self) -> None:
        self.closed = False

    def close(self) -> None:
        self.closed = True
        self.usable = False


class Opened(list[FakeConnection]):
    async def connect(self) -> Connection:
        self.append(FakeConnection())
        return self[-1]


async def use(pool: Pool) -> Connection:
    async with pool.connection() as connection:
        return connection


def test_kept_connections_are_used_round_robin() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def run() -> list[Connection]:
        return [await use(pool) for _ in range(3 * KEPT)]

    assert asyncio.run(run()) == [*opened] * 3
    assert len(opened) == KEPT


def test_a_pool_opens_extra_connections_and_keeps_only_its_size() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def hold(over: asyncio.Event) -> None:
        async with pool.connection():
            await over.wait()

    async def run() -> None:
        over = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2 * KEPT):
                tasks.create_task(hold(over))
            await asyncio.sleep(0)
            over.set()

    asyncio.run(run())
    assert len(opened) == 2 * KEPT
    assert sum(connection.usable for connection in opened) == KEPT


def test_a_connection_closed_by_the_server_is_not_reused() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def run() -> Connection:
        for _ in range(KEPT):
            await use(pool)
        opened[0].usable = False
        return await use(pool)

    assert asyncio.run(run()) is opened[KEPT]


def test_a_failed_connection_is_closed() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def fail() -> None:
        async with pool.connection():
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        asyncio.run(fail())
    assert opened[0].closed


def test_closing_a_pool_closes_its_connections() -> None:
    opened = Opened()
    pool = Pool(opened.connect, KEPT)

    async def run() -> None:
        for _ in range(KEPT):
            await use(pool)

    asyncio.run(run())
    pool.close()
    assert [connection.closed for connection in opened] == [True] * KEPT
