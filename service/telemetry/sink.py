"""Where log lines leave the process: nobody who logs waits for whoever should read them."""

import logging
import os
import select
import threading
import weakref
from collections.abc import Callable
from queue import Empty, SimpleQueue

from service.settings import LAST_LINES_SECONDS

CAPACITY = 1000
"""Lines that may wait to be written; with so many waiting, the next ones are dropped until these have been written."""

STDERR = 2


class _Gap:
    """Stands in the queue where lines are missing."""

    def __init__(self) -> None:
        self.dropped = 0


class _End(threading.Event):
    """Ends the thread that reaches it."""


Entry = bytes | _Gap | threading.Event


class Sink(logging.Handler):
    """Formats a line in the thread that logs it, and writes it to ``file`` on a thread of its own, in order.

    The thread starts with the first line, and anew in a process that was forked. ``on_drop`` is told how many lines
    were dropped, whenever some are.
    """

    def __init__(self, file: int = STDERR, capacity: int = CAPACITY) -> None:
        super().__init__()
        self.on_drop: Callable[[int], object] = lambda lines: None
        self._file = file
        self._capacity = capacity
        self._closed = False
        self._begin()
        forked = weakref.WeakMethod(self._begin)
        os.register_at_fork(after_in_child=lambda: (begin := forked()) and begin())

    def _begin(self) -> None:
        """With nothing waiting: what waited when a process was forked is written by the one that logged it."""
        self._guard = threading.RLock()  # re-entrant, as is the queue: a signal handler may log in the midst of it
        self._waiting: SimpleQueue[Entry] = SimpleQueue()
        self._gap: _Gap | None = None
        self._thread: threading.Thread | None = None
        self._untold = 0

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = self._line(record)
        except Exception:  # as arguments that do not fit the message
            record.msg, record.args = f"cannot be formatted: {str(record.msg)[:200]}", None
            line = self._line(record)
        with self._guard:
            if self._closed:
                return
            if self._gap is None and self._waiting.qsize() >= self._capacity:
                self._gap = _Gap()
                self._waiting.put(self._gap)
            gap = self._gap
            if gap:
                gap.dropped += 1
            else:
                self._waiting.put(line)
                if self._thread is None:
                    self._thread = threading.Thread(target=self._run, args=[self._waiting], name="log", daemon=True)
                    self._thread.start()
        if gap:
            self.on_drop(1)

    def flush(self) -> None:
        """Wait until all that was logged so far is written, for :data:`LAST_LINES_SECONDS` at most."""
        if self._thread and not self._closed:
            written = threading.Event()
            self._waiting.put(written)
            written.wait(LAST_LINES_SECONDS)

    def close(self) -> None:
        """Take no more lines; the thread ends once it has written what waits."""
        with self._guard:
            if not self._closed:
                self._closed = True
                self._waiting.put(_End())
        super().close()

    def _line(self, record: logging.LogRecord) -> bytes:
        return self.format(record).encode(errors="backslashreplace") + b"\n"

    def _run(self, waiting: SimpleQueue[Entry]) -> None:
        following: Entry | None = None
        while True:
            entry = following or waiting.get()
            following = None
            if isinstance(entry, bytes):
                lines, following = _gather(entry, waiting)
                self._write_lines(lines)
            elif isinstance(entry, _Gap):
                with self._guard:  # from here on lines are taken again, to come after what is told of the gap
                    self._gap = None
                self._untold += entry.dropped
                self._tell()
            else:
                entry.set()
                if isinstance(entry, _End):
                    return

    def _write_lines(self, lines: list[bytes]) -> None:
        if self._write(b"".join(lines)):
            self._tell()
        else:
            self._untold += len(lines)
            self.on_drop(len(lines))

    def _tell(self) -> None:
        """Say in the log how many lines are missing here."""
        if self._untold:
            text = f"{self._untold} log lines were dropped here: they could not be written"
            record = logging.LogRecord("cifar10", logging.WARNING, __file__, 0, text, None, None)
            if self._write(self._line(record)):
                self._untold = 0

    def _write(self, data: bytes) -> bool:
        """Whether it was written; that may take for ever."""
        while data:
            try:
                data = data[os.write(self._file, data) :]
            except BlockingIOError:  # somebody who shares the file does not want to wait for it
                select.select([], [self._file], [])
            except OSError:  # the disk is full, or whoever read it has gone
                return False
        return True


def _gather(first: bytes, waiting: SimpleQueue[Entry]) -> tuple[list[bytes], Entry | None]:
    """The line with those behind it that a pipe takes whole at once, so that no other process's gets in between.

    And what came next and does not belong to them.
    """
    lines, room = [first], select.PIPE_BUF - len(first)
    while True:
        try:
            entry = waiting.get_nowait()
        except Empty:
            return lines, None
        if not isinstance(entry, bytes) or len(entry) > room:
            return lines, entry
        lines.append(entry)
        room -= len(entry)
