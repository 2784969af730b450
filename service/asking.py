"""What a client that asks for a prediction has sent so far, read from the bytes without waiting for more."""

import re
from typing import NamedTuple

LOOK_BYTES = 8192
"""So much is looked at; gunicorn's parser reads as much at once."""

_LINE = re.compile(rb"POST /predict(\?[!-~]{0,1000})? HTTP/1\.([01])\r\n")
# No underscores: gunicorn lets a proxy that it trusts mean something by some of those names, and drops the others.
_FIELDS = re.compile(rb"(?:[!#$%&'*+\-.^`|~0-9A-Za-z]+:[\t -~\x80-\xff]*\r\n){0,100}")
_LENGTH = re.compile(r"[0-9]{1,15}")
_ALONE = frozenset({"HOST", "CONTENT_TYPE", "CONTENT_LENGTH"})
"""What may come once only, or the request is malformed."""


class Asking(NamedTuple):
    """A ``POST /predict`` whose head is there."""

    query: str
    fields: dict[str, str]
    """By name, in capitals and with underscores, as WSGI has them."""
    end: int
    """Bytes of the whole request, its body included."""
    received: int
    """Bytes that are there, perhaps of the next request too."""
    persistent: bool
    """Whether the client asks for, and knows how to keep, the connection."""

    @property
    def whole(self) -> bool:
        return self.received >= self.end


def read(data: bytes) -> Asking | None:
    """``None`` unless it is plainly such a request with a body of known length: then others know better."""
    line = _LINE.match(data)
    head = data.find(b"\r\n\r\n") if line else -1
    if not line or head < line.end() or not _FIELDS.fullmatch(data, line.end(), head + 2):
        return None
    fields: dict[str, str] = {}
    for each in data[line.end() : head].decode("latin-1").split("\r\n"):
        name, _, value = each.partition(":")
        name = name.upper().replace("-", "_")
        value = value.strip(" \t")
        if name in fields:
            if name in _ALONE:
                return None
            value = f"{fields[name]},{value}"
        fields[name] = value
    expects = fields.get("EXPECT")
    if "TRANSFER_ENCODING" in fields or not _LENGTH.fullmatch(fields.get("CONTENT_LENGTH", "")):
        return None
    if expects is not None and expects.lower() != "100-continue":
        return None
    end = head + 4 + int(fields["CONTENT_LENGTH"])
    # A client that waits for 100 Continue may, once refused, send its body or not: only closing makes that plain.
    persistent = line[2] == b"1" and fields.get("CONNECTION", "keep-alive").lower() == "keep-alive" and expects is None
    return Asking((line[1] or b"?")[1:].decode(), fields, end, len(data), persistent)
