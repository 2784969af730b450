"""The real batch processor of the SDK in front of an exporter that is held up."""

import threading
from collections.abc import Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.trace import SpanContext, TraceFlags
from prometheus_client import CollectorRegistry

from service.telemetry.exporting import DELAY, EXPORT_SIZE, QUEUE_SIZE, counted_processor
from service.telemetry.metrics.spans import SpanMetrics


class Held(SpanExporter):
    """Fake: exports nothing before it is let go."""

    def __init__(self) -> None:
        self.exporting, self.go = threading.Event(), threading.Event()
        self.sent = 0

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.exporting.set()
        self.go.wait(20)
        self.sent += len(spans)
        return SpanExportResult.SUCCESS


def span() -> ReadableSpan:
    return ReadableSpan("stage", SpanContext(1, 1, is_remote=False, trace_flags=TraceFlags(1)))


def test_every_span_is_exported_or_counted_as_dropped_and_none_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv(QUEUE_SIZE, "10")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5")
    registry, exporter = CollectorRegistry(), Held()
    processor = counted_processor(SpanMetrics(registry), exporter)
    for _ in range(5):
        processor.on_end(span())
    assert exporter.exporting.wait(20)
    for _ in range(17):
        processor.on_end(span())
    exporter.go.set()
    processor.shutdown()
    processor.on_end(span())
    assert registry.get_sample_value("cifar10_spans_ended_total") == 23
    assert registry.get_sample_value("cifar10_spans_dropped_total") == 8
    assert registry.get_sample_value("cifar10_spans_exported_total", {"result": "success"}) == exporter.sent == 15
    assert caplog.text == ""


@pytest.mark.parametrize("size", ["", "many", "0", "-3"])
def test_a_queue_size_that_makes_no_sense_is_the_default(monkeypatch: pytest.MonkeyPatch, size: str) -> None:
    monkeypatch.setenv(QUEUE_SIZE, size)
    registry = CollectorRegistry()
    processor = counted_processor(SpanMetrics(registry), Held())
    processor.on_end(span())
    assert registry.get_sample_value("cifar10_spans_dropped_total") == 0


@pytest.mark.parametrize(
    ("name", "value"), [(QUEUE_SIZE, "10"), (QUEUE_SIZE, "0"), (DELAY, "0"), (DELAY, "soon"), (EXPORT_SIZE, "9999")]
)
def test_no_size_or_delay_stops_the_start(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, value)
    exporter = Held()
    exporter.go.set()
    processor = counted_processor(SpanMetrics(CollectorRegistry()), exporter)
    processor.on_end(span())
    processor.shutdown()
    assert exporter.sent == 1


def test_what_cannot_be_used_is_told(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setenv(DELAY, "soon")
    exporter = Held()
    counted_processor(SpanMetrics(CollectorRegistry()), exporter).shutdown()
    assert "OTEL_BSP_SCHEDULE_DELAY=soon is not a positive number: 5000 is used instead" in caplog.text
