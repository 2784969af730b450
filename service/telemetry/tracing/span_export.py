"""OpenTelemetry's batch processor and exporter, with counters of what becomes of the spans."""

import os
import threading
from collections.abc import Sequence

from opentelemetry.sdk.environment_variables import OTEL_BSP_MAX_QUEUE_SIZE
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from service.telemetry.metrics.telemetry_health import TelemetryMetrics

DEFAULT_QUEUE_SIZE = 2048
"""As OpenTelemetry specifies it."""


class CountingExporter(SpanExporter):
    """Counts the spans that another exporter has exported, and those it failed to export."""

    def __init__(self, exporter: SpanExporter, metrics: TelemetryMetrics) -> None:
        self._exporter = exporter
        self._metrics = metrics
        self.finished = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        result = SpanExportResult.FAILURE
        try:
            result = self._exporter.export(spans)
        finally:
            self.finished += len(spans)
            self._metrics.spans_exported(len(spans), success=result is SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        self._exporter.shutdown()


class BoundedSpanProcessor(BatchSpanProcessor):
    """Drops and counts a span if the queue is full.

    The SDK's processor drops the oldest span instead, and reports it only by a log line for each.
    """

    def __init__(self, exporter: CountingExporter, metrics: TelemetryMetrics) -> None:
        capacity = os.environ.get(OTEL_BSP_MAX_QUEUE_SIZE) or str(DEFAULT_QUEUE_SIZE)
        if not capacity.isdecimal():
            raise ValueError(f"{OTEL_BSP_MAX_QUEUE_SIZE}={capacity[:100]} is not a positive integer")
        self._capacity = int(capacity)
        super().__init__(exporter, max_queue_size=self._capacity)
        self._counting_exporter = exporter
        self._metrics = metrics
        self._queued = 0
        self._lock = threading.Lock()

    def on_end(self, span: ReadableSpan) -> None:
        self._metrics.spans_ended()
        with self._lock:
            full = self._queued - self._counting_exporter.finished >= self._capacity
            self._queued += not full
        if full:
            self._metrics.spans_dropped()
        else:
            super().on_end(span)

    def shutdown(self) -> None:
        with self._lock:
            self._capacity = 0  # spans that end later are dropped
        super().shutdown()  # type: ignore[no-untyped-call]
