"""Requests made on the spot, without an application."""

import io
from typing import IO

from flask import Request
from werkzeug.test import EnvironBuilder


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
