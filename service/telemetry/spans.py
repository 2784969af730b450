"""The tracer provider: what OpenTelemetry's own start-up would build, and what it lacks.

Imported only where spans are wanted: the SDK and its exporter take a third of a second to import.
"""

from collections.abc import Sequence

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ALWAYS_ON, Sampler, SamplingResult
from opentelemetry.trace import Link, SpanKind, TraceState
from opentelemetry.util.types import Attributes

from service.telemetry.metrics.spans import SpanMetrics

SERVICE_NAME = "cifar10"


def provider(metrics: SpanMetrics, exporter: SpanExporter | None = None) -> TracerProvider:
    """A provider that samples, describes itself and exports as the ``OTEL_*`` variables say."""
    resource = Resource.create()
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": SERVICE_NAME}))
    built = TracerProvider(resource=resource, shutdown_on_exit=False)
    built.sampler = LinkAware(built.sampler)
    built.add_span_processor(Counting(metrics))
    built.add_span_processor(BatchSpanProcessor(CountingExporter(exporter or OTLPSpanExporter(), metrics)))
    return built


class LinkAware(Sampler):
    """Records what links to a recorded span, else asks ``inner``: a batch is wanted if a request in it is."""

    def __init__(self, inner: Sampler) -> None:
        self._inner = inner

    def should_sample(
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        linked = any(link.context.trace_flags.sampled for link in links or ())
        sampler = ALWAYS_ON if linked else self._inner
        return sampler.should_sample(parent_context, trace_id, name, kind, attributes, links, trace_state)

    def get_description(self) -> str:
        return f"LinkAware{{{self._inner.get_description()}}}"


class Counting(SpanProcessor):
    """Counts the recorded spans that ended; those never exported are the difference."""

    def __init__(self, metrics: SpanMetrics) -> None:
        self._metrics = metrics

    def on_end(self, span: ReadableSpan) -> None:
        self._metrics.ended()

    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        pass


class CountingExporter(SpanExporter):
    """Counts what the exporter behind it sent, and what it could not."""

    def __init__(self, inner: SpanExporter, metrics: SpanMetrics) -> None:
        self._inner = inner
        self._metrics = metrics

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
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
