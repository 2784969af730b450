"""Writes log lines to stderr on a thread of its own, so that no request waits for a blocked stderr."""

import logging
import os
import threading
import weakref
from logging.handlers import QueueHandler, QueueListener
from queue import SimpleQueue
from typing import Any

from service.settings import LAST_LINES_SECONDS
from service.telemetry.logs.rate_limit import RateLimit

CAPACITY = 1000
"""Lines that are buffered; further lines are dropped and counted."""

LEVELS = ("debug", "info", "warning", "error", "critical")

STDERR = 2


class BoundedQueueHandler(QueueHandler):
    """Formats a line on the thread that logs it, and buffers it for a :class:`LineWriter`.

    Buffer and counters start anew in a process that was forked.
    """

    def __init__(self, file: int = STDERR, capacity: int = CAPACITY) -> None:
        super().__init__(SimpleQueue())
        self._file = file
        self._capacity = capacity
        self.rate_limit = RateLimit()
        self.addFilter(self.rate_limit)
        self._start()
        forked = weakref.WeakMethod(self._start)
        os.register_at_fork(after_in_child=lambda: (start := forked()) and start())

    def _start(self) -> None:
        self.logged = dict.fromkeys(LEVELS, 0)
        """Lines logged by level, before any are dropped."""
        self.unwritten = 0
        """Lines dropped because the buffer was full."""
        self.rate_limit.dropped = 0
        # SimpleQueue, because a signal handler may log while the same thread is logging.
        self.queue: SimpleQueue[str | threading.Event] = SimpleQueue()
        LineWriter(self.queue, self._file).start()

    def handle(self, record: logging.LogRecord) -> Any:
        self.acquire()
        try:
            self.logged[LEVELS[min(max(record.levelno // 10, 1), len(LEVELS)) - 1]] += 1
        finally:
            self.release()
        return super().handle(record)

    def prepare(self, record: logging.LogRecord) -> str:
        try:
            return self.format(record)
        except Exception:  # the arguments do not match the message
            record.msg, record.args = f"cannot be formatted: {str(record.msg)[:200]}", None
            return self.format(record)

    def enqueue(self, record: Any) -> None:
        if self.queue.qsize() < self._capacity:
            self.queue.put(record)
        else:
            self.unwritten += 1

    def flush(self) -> None:
        """Wait until the buffered lines are written, for :data:`LAST_LINES_SECONDS` at most."""
        written = threading.Event()
        self.queue.put(written)
        written.wait(LAST_LINES_SECONDS)


class LineWriter(QueueListener):
    """Writes the lines of a queue to a file descriptor; an Event in the queue is set when it is reached."""

    def __init__(self, queue: "SimpleQueue[str | threading.Event]", file: int) -> None:
        super().__init__(queue)
        # A stream of its own: another process may have held sys.stderr's lock when this one was forked.
        self._stream = open(file, "w", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115

    def handle(self, record: Any) -> None:
        if isinstance(record, threading.Event):
            record.set()
            return
        try:
            self._stream.write(record + "\n")
            self._stream.flush()
        except (OSError, ValueError):  # stderr is closed: there is nowhere left to report it
            pass
