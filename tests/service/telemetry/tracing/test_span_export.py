"""The span processor in front of an exporter that is held up or fails."""

import logging
import threading
from collections.abc import Iterator, Sequence

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from prometheus_client import CollectorRegistry

from service.telemetry.metrics.telemetry_health import TelemetryMetrics
from service.telemetry.tracing.span_export import BoundedSpanProcessor, CountingExporter

CAPACITY = 10


class HeldExporter(SpanExporter):
    """Exports nothing until ``release`` is set; then fails with ``failure`` or ``result``."""

    def __init__(self) -> None:
        self.exporting, self.release = threading.Event(), threading.Event()
        self.result = SpanExportResult.SUCCESS
        self.failure: Exception | None = None
        self.names: list[str] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self.exporting.set()
        assert self.release.wait(20)
        if self.failure:
            raise self.failure
        self.names += [span.name for span in spans]
        return self.result


class Spans:
    """Ends spans, and tells how they were counted."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._registry = CollectorRegistry()
        metrics = TelemetryMetrics(self._registry)
        self._provider = TracerProvider(shutdown_on_exit=False)
        self._provider.add_span_processor(BoundedSpanProcessor(CountingExporter(exporter, metrics), metrics))
        self._tracer = self._provider.get_tracer("test")

    def end(self, *names: str) -> None:
        for name in names:
            self._tracer.start_span(name).end()

    def export(self) -> None:
        self._provider.force_flush()

    def shutdown(self) -> None:
        self._provider.shutdown()

    def counted(self) -> dict[str, float | None]:
        read = self._registry.get_sample_value
        exported = {
            result: read("cifar10_spans_exported_total", {"result": result}) for result in ("success", "failure")
        }
        return {name: read(f"cifar10_spans_{name}_total") for name in ("ended", "dropped")} | exported


@pytest.fixture
def exporter() -> HeldExporter:
    return HeldExporter()


@pytest.fixture
def spans(exporter: HeldExporter, monkeypatch: pytest.MonkeyPatch) -> Iterator[Spans]:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", str(CAPACITY))
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "5")
    spans = Spans(exporter)
    yield spans
    exporter.release.set()
    spans.shutdown()


def test_every_span_is_exported_or_counted_as_dropped(
    spans: Spans, exporter: HeldExporter, caplog: pytest.LogCaptureFixture
) -> None:
    spans.end(*[f"early {number}" for number in range(5)])
    assert exporter.exporting.wait(20)
    spans.end(*[f"late {number}" for number in range(17)])
    exporter.release.set()
    spans.shutdown()
    assert exporter.names == [f"early {number}" for number in range(5)] + [f"late {number}" for number in range(5)]
    assert spans.counted() == {"ended": 22, "dropped": 12, "success": 10, "failure": 0}
    assert caplog.text == "", "a dropped span is not worth a line in the log"


def test_exported_spans_make_room_for_others(spans: Spans, exporter: HeldExporter) -> None:
    exporter.release.set()
    for _ in range(5):
        spans.end(*["span"] * 4)
        spans.export()
    assert spans.counted() == {"ended": 20, "dropped": 0, "success": 20, "failure": 0}


def test_a_failed_export_is_counted(spans: Spans, exporter: HeldExporter) -> None:
    exporter.result = SpanExportResult.FAILURE
    exporter.release.set()
    spans.end("one", "two")
    spans.export()
    assert spans.counted() == {"ended": 2, "dropped": 0, "success": 0, "failure": 2}


def test_an_exception_of_the_exporter_is_counted_and_logged_and_the_next_export_succeeds(
    spans: Spans, exporter: HeldExporter, caplog: pytest.LogCaptureFixture
) -> None:
    exporter.failure = RuntimeError("no such span")
    exporter.release.set()
    with caplog.at_level(logging.ERROR):
        spans.end("one")
        spans.export()
    exporter.failure = None
    spans.end("two")
    spans.export()
    assert "no such span" in caplog.text
    assert exporter.names == ["two"]
    assert spans.counted() == {"ended": 2, "dropped": 0, "success": 1, "failure": 1}


def test_spans_that_end_after_the_shutdown_are_dropped(spans: Spans, exporter: HeldExporter) -> None:
    exporter.release.set()
    spans.end("early")
    spans.shutdown()
    spans.end("late")
    assert exporter.names == ["early"]
    assert spans.counted() == {"ended": 2, "dropped": 1, "success": 1, "failure": 0}


def test_the_queue_has_the_default_size_of_opentelemetry(exporter: HeldExporter) -> None:
    spans = Spans(exporter)
    spans.end(*["span"] * 2048)
    assert spans.counted()["dropped"] == 0
    spans.end("one more")
    assert spans.counted()["dropped"] == 1
    exporter.release.set()
    spans.shutdown()
