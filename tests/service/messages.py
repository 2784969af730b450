"""Requests without a server, and what answers contain."""

import io
import json
from collections.abc import Iterator
from typing import IO, Any

from flask import Request
from werkzeug.test import EnvironBuilder, TestResponse


def body(answer: TestResponse) -> Any:
    """The parsed JSON of an answer, whatever its content type is."""
    return json.loads(answer.text)


def request(body: bytes | IO[bytes] | io.RawIOBase, content_type: str = "", length: int | None = None) -> Request:
    """A POST whose Content-Length is that of ``body``, if it has one, unless another is given."""
    environ = EnvironBuilder("/predict", method="POST").get_environ()
    environ["CONTENT_TYPE"] = content_type
    environ["wsgi.input"] = io.BytesIO(body) if isinstance(body, bytes) else body
    if length is None and isinstance(body, bytes):
        length = len(body)
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    return Request(environ)


class Chunks(io.RawIOBase):
    """A body that arrives in chunks; an exception among them is raised when it is reached."""

    def __init__(self, *chunks: bytes | Exception) -> None:
        self._chunks: Iterator[bytes | Exception] = iter(chunks)

    def read(self, size: int = -1) -> bytes:
        chunk = next(self._chunks, b"")
        if isinstance(chunk, Exception):
            raise chunk
        return chunk
