"""Log lines: text for a terminal, or one JSON object per line; never a long one."""

import logging
import time
from functools import lru_cache
from typing import Any, ClassVar

from service.json_encoding import encode

MAX_MESSAGE_LENGTH = 2000
MAX_TRACE_LENGTH = 10_000
"""Characters of a message and of a stack trace that are written."""


class TextFormatter(logging.Formatter):
    """``12:00:01 INFO    message``, followed by the stack trace, if any."""

    # A message may contain what a client sent: it must not forge a line or control the terminal.
    _CONTROLS: ClassVar = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatException(self, ei: Any) -> str:
        lines = _end(super().formatException(ei)).split("\n")
        return "\n".join([line.translate(self._CONTROLS) for line in lines])

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _beginning(record.message).translate(self._CONTROLS)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """An object with ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message`` and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _beginning(record.getMessage()),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = _end(self.formatException(record.exc_info))
        return encode(line).decode()


def _fields(record: Any) -> dict[str, Any]:
    # Not getattr() with a default: it would hide an AttributeError in the property that makes them.
    fields: dict[str, Any] = record.fields if hasattr(type(record), "fields") else vars(record).get("fields", {})
    return fields


@lru_cache(2)
def _second(since_epoch: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since_epoch))


def _beginning(message: str) -> str:
    return message if len(message) <= MAX_MESSAGE_LENGTH else f"{message[:MAX_MESSAGE_LENGTH]}…"


def _end(trace: str) -> str:
    """The end of a stack trace, which says what happened."""
    return trace if len(trace) <= MAX_TRACE_LENGTH else f"…{trace[-MAX_TRACE_LENGTH:]}"
