"""The way of spans out of the process, with a count of what becomes of them."""

import logging
import os
import threading
import weakref
from collections import deque
from collections.abc import Sequence
from typing import Protocol

from service.telemetry.finished_span import FinishedSpan
from service.telemetry.metrics.spans import SpanMetrics

log = logging.getLogger("cifar10")

QUEUE_SIZE, EXPORT_SIZE, DELAY = "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY"
DEFAULTS = {QUEUE_SIZE: 2048, EXPORT_SIZE: 512, DELAY: 5000}
"""Spans, spans and milliseconds, as OpenTelemetry specifies them."""


class Exporter(Protocol):
    def export(self, spans: Sequence[FinishedSpan]) -> bool:
        """Send them, and say whether that went well."""

    def shutdown(self) -> None:
        """Nothing will be sent any more."""


class SpanQueue:
    """Where spans wait until a thread of its own exports them, as many at once and as often as the environment says.

    What the SDK's batch processor does, but that takes one span at a time, and logs each that finds the queue full.
    In a process that was forked it begins anew, with nothing waiting.
    """

    def __init__(self, metrics: SpanMetrics, exporter: Exporter) -> None:
        self._metrics = metrics
        self._exporter = exporter
        self._size = _positive(QUEUE_SIZE)
        self._most = min(_positive(EXPORT_SIZE), self._size)
        self._seconds = _positive(DELAY) / 1000
        self._closed = False
        self._begin()
        forked = weakref.WeakMethod(self._begin)
        os.register_at_fork(after_in_child=lambda: (begin := forked()) and begin())

    def _begin(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[FinishedSpan] = deque()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._run, name="spans", daemon=True)
        self._thread.start()

    def add(self, spans: Sequence[FinishedSpan]) -> None:
        """Leave spans to be exported; those for which there is no room are dropped, as all are after the end."""
        self._metrics.ended(len(spans))
        with self._lock:
            room = 0 if self._closed else self._size - len(self._waiting)
            self._waiting.extend(spans[:room])
        if len(spans) > room:
            self._metrics.dropped(len(spans) - room)
        if len(self._waiting) >= self._most:
            self._enough.set()

    def shutdown(self) -> None:
        """Export what is left, however long that takes."""
        with self._lock:
            closed, self._closed = self._closed, True
        if closed:
            return
        self._enough.set()
        self._thread.join()
        self._exporter.shutdown()

    def _run(self) -> None:
        while not self._closed:
            if not self._enough.wait(self._seconds):
                self._export()
            self._enough.clear()
            while len(self._waiting) >= self._most:
                self._export()
        while self._waiting:
            self._export()

    def _export(self) -> None:
        spans = [self._waiting.popleft() for _ in range(min(self._most, len(self._waiting)))]
        if not spans:
            return
        try:
            success = self._exporter.export(spans)
        except Exception:
            log.exception("exporting %d spans failed", len(spans))
            success = False
        self._metrics.exported(len(spans), success=success)


def _positive(name: str) -> int:
    """What the environment says, or the default; the specification wants what cannot be used ignored with a warning."""
    given = os.environ.get(name, "").strip()
    if given.isdecimal() and int(given):
        return int(given)
    if given:
        log.warning("%s=%s is not a positive number: %d is used instead", name, given, DEFAULTS[name])
    return DEFAULTS[name]
