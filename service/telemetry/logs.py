"""Log lines: readable text for a person at a terminal, one JSON object a line for a machine; never a long one."""

import logging
import sys
import time
from functools import lru_cache
from typing import Any, ClassVar

from gunicorn.glogging import Logger

from service.encoding import encode
from service.settings import Settings
from service.telemetry.floods import FloodGuard
from service.telemetry.metrics.logs import LogMetrics
from service.telemetry.metrics.losses import LossMetrics
from service.telemetry.sink import Sink

_OWN_HANDLERS = ("gunicorn.error", "gunicorn.access", "waitress", "py.warnings")
"""Loggers whose lines do not reach the root's handlers."""

LONGEST_MESSAGE = 2000
LONGEST_TRACE = 10_000
"""Characters of a message and of a stack trace that are written; whatever stands in them, a line ends."""


def configuration(settings: Settings) -> dict[str, Any]:
    """The ``logging.config.dictConfig`` of the process, gunicorn's own loggers included: all through one sink."""
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not sys.stderr.isatty())
    formatter = JsonFormatter if as_json else TextFormatter
    quiet = {"level": "ERROR", "propagate": False, "handlers": ["stderr"]}
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter}},
        "filters": {"stalled_clients": {"()": StalledClients}, "floods": {"()": FloodGuard}},
        "handlers": {
            "stderr": {
                "()": Sink,
                "formatter": "line",
                "filters": ["floods"],
            },
        },
        "root": {"level": settings.log_level.upper(), "handlers": ["stderr"]},
        "loggers": {
            "gunicorn.error": {
                "level": "WARNING",
                "propagate": False,
                "handlers": ["stderr"],
                "filters": ["stalled_clients"],
            },
            "gunicorn.access": quiet,
            "waitress": quiet,
            "py.warnings": quiet,  # Pillow's, about files that clients send
        },
    }


def count_with(logged: LogMetrics, losses: LossMetrics) -> None:
    """Count every line that is logged from now on, and those of them that are left out."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, Sink):
            handler.on_drop = losses.lines_unwritten
            for guard in handler.filters:
                if isinstance(guard, FloodGuard):
                    guard.on_drop = losses.lines_cut
    for name in (None, *_OWN_HANDLERS):
        logging.getLogger(name).addHandler(logged)


class GunicornLogger(Logger):  # type: ignore[misc]
    """gunicorn's own, without its access log: it would put a line together for every request only to drop it."""

    def access(self, *args: object) -> None:
        pass


class StalledClients(logging.Filter):
    """Drop gunicorn's stack trace for a client that connected and sent no request in time: any client can cause it."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not (record.exc_info and isinstance(record.exc_info[1], TimeoutError))


class TextFormatter(logging.Formatter):
    """``12:00:01 INFO    message``, with a stack trace where there is one."""

    # What a client sent may stand in a message: it must neither forge a line nor steer the terminal.
    _CONTROLS: ClassVar = {code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160))}

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)-7s %(message)s", "%H:%M:%S")

    def formatException(self, ei: Any) -> str:
        lines = _last(super().formatException(ei)).split("\n")
        return "\n".join([line.translate(self._CONTROLS) for line in lines])

    def formatMessage(self, record: logging.LogRecord) -> str:
        record.message = _first(record.message).translate(self._CONTROLS)
        return super().formatMessage(record)


class JsonFormatter(logging.Formatter):
    """One object a line: ``time`` (RFC 3339, UTC), ``level``, ``logger``, ``message`` and the record's fields."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": f"{_second(int(record.created))}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": _first(record.getMessage()),
            **_fields(record),
        }
        if record.exc_info:
            line["exception"] = _last(self.formatException(record.exc_info))
        return encode(line).decode()


def _fields(record: Any) -> dict[str, Any]:
    """Not by ``getattr`` with a default: a fault in making them would pass for there being none."""
    fields: dict[str, Any] = record.fields if hasattr(type(record), "fields") else vars(record).get("fields", {})
    return fields


@lru_cache(2)  # most lines are of the same second as the one before
def _second(since_epoch: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(since_epoch))


def _first(message: str) -> str:
    return message if len(message) <= LONGEST_MESSAGE else f"{message[:LONGEST_MESSAGE]}…"


def _last(trace: str) -> str:
    """A stack trace says what happened at its end."""
    return trace if len(trace) <= LONGEST_TRACE else f"…{trace[-LONGEST_TRACE:]}"
