"""HTTP/1.1 over one connection, one request at a time."""

import asyncio
import http.client
import io
import re
from dataclasses import dataclass
from email.message import Message

LONGEST_BODY = 1 << 20
"""Bytes; no answer about one image comes near it."""

STATUS_LINE = re.compile(rb"HTTP/1\.([01]) ([1-5]\d\d)(?: [^\r\n]*)?")
WITHOUT_BODY = (204, 304)


class MalformedAnswer(Exception):
    """What came is not HTTP."""


@dataclass(frozen=True)
class Answer:
    """A whole answer; ``keeps`` is whether the connection may be used again."""

    status: int
    headers: Message
    body: bytes
    keeps: bool


class Connection:
    """Raises ``OSError``, ``asyncio.IncompleteReadError`` or :class:`MalformedAnswer` where no whole answer comes."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def usable(self) -> bool:
        """Whether the server, as far as is known here, has not hung up."""
        broken = self._reader.at_eof() or self._reader.exception() is not None
        return not (broken or self._writer.is_closing())

    async def ask(self, request: bytes) -> Answer:
        self._writer.write(request)  # not drained: a refusal may come, and counts, before all is sent
        try:
            return await self._answer()
        except (ValueError, asyncio.LimitOverrunError, http.client.HTTPException) as error:
            raise MalformedAnswer(str(error)) from error

    def close(self) -> None:
        """At once; the caller has what it wants of it."""
        self._writer.transport.abort()

    async def _answer(self) -> Answer:
        status, persistent, headers = await self._head()
        while status < 200:  # an interim one, such as 100 Continue
            status, persistent, headers = await self._head()
        body, framed = await self._body(status, headers)
        closing = "close" in headers.get("Connection", "").lower()
        return Answer(status, headers, body, keeps=framed and persistent and not closing)

    async def _head(self) -> tuple[int, bool, Message]:
        """Status, whether the version of HTTP keeps connections, and headers."""
        line, _, rest = (await self._reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        found = STATUS_LINE.fullmatch(line)
        if not found:
            raise MalformedAnswer(f"begins with {line[:60]!r}")
        return int(found[2]), found[1] == b"1", http.client.parse_headers(io.BytesIO(rest))

    async def _body(self, status: int, headers: Message) -> tuple[bytes, bool]:
        """And whether it has an end of its own, other than the connection's."""
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
    """The size, or ``ValueError`` where it cannot be one."""
    if not 0 <= size <= LONGEST_BODY - already:
        raise ValueError(f"a body of {already + size} bytes")
    return size
