"""HTTP/1.1 connections, and a pool of those that are kept."""

import asyncio
import http.client
import io
import re
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from email.message import Message

LONGEST_BODY = 1 << 20
"""Maximum size of a response body, in bytes."""

STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?")
WITHOUT_BODY = (204, 304)


class MalformedAnswer(Exception):
    """The response is not HTTP."""


@dataclass(frozen=True)
class Answer:
    """A complete response; ``keeps`` tells whether the connection may be reused."""

    status: int
    headers: Message
    body: bytes
    keeps: bool


class Connection:
    """Raises ``OSError``, ``asyncio.IncompleteReadError`` or :class:`MalformedAnswer` without a complete response."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def usable(self) -> bool:
        """Whether the server has not closed the connection, as far as is known."""
        broken = self._reader.at_eof() or self._reader.exception() is not None
        return not (broken or self._writer.is_closing())

    async def ask(self, request: bytes) -> Answer:
        self._writer.write(request)  # without drain: an error response may arrive before everything is sent
        try:
            return await self._answer()
        except (ValueError, asyncio.LimitOverrunError, http.client.HTTPException) as error:
            raise MalformedAnswer(str(error)) from error

    def close(self) -> None:
        """Close without waiting for buffered data."""
        self._writer.transport.abort()

    async def _answer(self) -> Answer:
        status, persistent, headers = await self._head()
        while status < 200:  # an interim one, such as 100 Continue
            status, persistent, headers = await self._head()
        body, framed = await self._body(status, headers)
        closing = "close" in headers.get("Connection", "").lower()
        return Answer(status, headers, body, keeps=framed and persistent and not closing)

    async def _head(self) -> tuple[int, bool, Message]:
        """Status, whether the HTTP version keeps connections, and headers."""
        line, _, rest = (await self._reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        found = STATUS_LINE.fullmatch(line)
        if not found:
            raise MalformedAnswer(f"begins with {line[:60]!r}")
        return int(found[2]), found[1] == b"1", http.client.parse_headers(io.BytesIO(rest))

    async def _body(self, status: int, headers: Message) -> tuple[bytes, bool]:
        """The body, and whether it is delimited by something other than the end of the connection."""
        if status in WITHOUT_BODY:
            return b"", True
        if "chunked" in headers.get("Transfer-Encoding", "").lower():
            return await self._chunks(), True
        if "Content-Length" in headers:
            return await self._reader.readexactly(bounded(int(headers["Content-Length"]))), True
        body = b""
        while more := await self._reader.read(1 << 16):
            body += more
            bounded(len(body))
        return body, False

    async def _chunks(self) -> bytes:
        body = b""
        while size := int((await self._reader.readuntil(b"\r\n")).partition(b";")[0], 16):
            body += (await self._reader.readexactly(bounded(size, len(body)) + 2))[:-2]
        while await self._reader.readuntil(b"\r\n") != b"\r\n":
            pass  # a trailer
        return body


def bounded(size: int, already: int = 0) -> int:
    """The size. Raises ``ValueError`` if it is negative or too large."""
    if not 0 <= size <= LONGEST_BODY - already:
        raise ValueError(f"a body of {already + size} bytes")
    return size


class Pool:
    """Keeps up to ``size`` connections, used round-robin, so that each is idle for a while as a real client's are.

    Opens further ones while all are busy, so that no request waits.
    """

    def __init__(self, connect: Callable[[], Awaitable[Connection]], size: int) -> None:
        self._connect = connect
        self._size = size
        self._idle: deque[Connection] = deque()
        self._busy = 0

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """An open connection, returned to the pool afterwards if it is still :attr:`Connection.usable`."""
        self._idle = deque(each for each in self._idle if each.usable)
        self._busy += 1
        try:
            enough = len(self._idle) + self._busy > self._size
            connection = self._idle.popleft() if self._idle and enough else await self._connect()
            try:
                yield connection
            except BaseException:
                connection.close()
                raise
        finally:
            self._busy -= 1
        if connection.usable and len(self._idle) < self._size:
            self._idle.append(connection)
        else:
            connection.close()

    def close(self) -> None:
        for each in self._idle:
            each.close()
        self._idle.clear()
