"""The way of spans out of the process, with a count of what became of them."""

import logging
import os
from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

from service.telemetry.metrics.spans import SpanMetrics

log = logging.getLogger("cifar10")

QUEUE_SIZE, EXPORT_SIZE, DELAY = "OTEL_BSP_MAX_QUEUE_SIZE", "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BSP_SCHEDULE_DELAY"
DEFAULTS = {QUEUE_SIZE: 2048, EXPORT_SIZE: 512, DELAY: 5000}
"""Spans, spans and milliseconds, as OpenTelemetry specifies them."""


def counted_processor(metrics: SpanMetrics, exporter: SpanExporter | None = None) -> SpanProcessor:
    """Collects spans and exports them in batches; over OTLP/HTTP unless an exporter is given."""
    counting = CountingExporter(exporter or OTLPSpanExporter(), metrics)
    size = _positive(QUEUE_SIZE)
    # The SDK refuses to start with an export larger than its queue, or without a delay.
    batching = BatchSpanProcessor(counting, size, _positive(DELAY), min(_positive(EXPORT_SIZE), size))
    return CountingProcessor(batching, metrics, size)


def _positive(name: str) -> int:
    """What the environment says, or the default; the specification wants what cannot be used ignored with a warning."""
    given = os.environ.get(name, "").strip()
    if given.isdecimal() and int(given):
        return int(given)
    if given:
        log.warning("%s=%s is not a positive number: %d is used instead", name, given, DEFAULTS[name])
    return DEFAULTS[name]


class CountingProcessor(SpanProcessor):
    """Counts the sampled spans that ended, and drops those of them that find the queue full: the SDK would log each."""

    def __init__(self, inner: SpanProcessor, metrics: SpanMetrics, queue_size: int) -> None:
        self._inner = inner
        self._metrics = metrics
        self._queue_size = queue_size

    def on_start(self, span: Span, parent_context: object = None) -> None:
        pass

    def on_end(self, span: ReadableSpan) -> None:
        sampled = span.context and span.context.trace_flags.sampled
        if sampled and self._metrics.ended(self._queue_size):
            self._inner.on_end(span)

    def shutdown(self) -> None:
        self._queue_size = 0  # what ends from now on is dropped
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)


class CountingExporter(SpanExporter):
    """Counts what the exporter behind it sent, and what it could not."""

    def __init__(self, inner: SpanExporter, metrics: SpanMetrics) -> None:
        self._inner = inner
        self._metrics = metrics

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._metrics.taken(len(spans))
        try:
            result = self._inner.export(spans)
        except Exception:
            self._metrics.exported(len(spans), success=False)
            raise
        self._metrics.exported(len(spans), success=result is SpanExportResult.SUCCESS)
        return result

    def shutdown(self) -> None:
        self._inner.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._inner.force_flush(timeout_millis)
