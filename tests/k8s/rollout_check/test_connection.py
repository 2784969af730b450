"""Answers as they come over the wire."""

import asyncio
import contextlib

import pytest

from k8s.rollout_check.connection import LONGEST_BODY, Answer, Connection, MalformedAnswer

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def read(data: bytes) -> Answer:
    """The answer in what a server sends before it closes."""

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
def test_a_body_ends_where_http_says(data: bytes, body: bytes, keeps: bool) -> None:
    answer = read(data)
    assert (answer.status, answer.body, answer.keeps) == (200, body, keeps)


def test_an_answer_without_a_body_has_none() -> None:
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
def test_what_is_not_http_or_too_long_is_refused(data: bytes) -> None:
    with pytest.raises(MalformedAnswer):
        read(data)


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi"])
def test_what_breaks_off_is_incomplete(data: bytes) -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        read(data)
