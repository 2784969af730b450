"""The collector that ``OTEL_EXPORTER_OTLP_*`` name."""

from collections.abc import Sequence

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from service.telemetry import otlp
from service.telemetry.finished_span import FinishedSpan
from service.version import VERSION

SCOPE = "cifar10"
"""Name of the instrumentation."""


class Collector:
    """Gets spans as the SDK's exporter would send them: where, with which headers and in which time is its own affair.

    They come from the resource that the provider has by then: it may have another one in a process that was forked.
    """

    def __init__(self, provider: TracerProvider) -> None:
        self._provider = provider
        self._exporter = OTLPSpanExporter()
        self._scope = InstrumentationScope(SCOPE, VERSION)

    def export(self, spans: Sequence[FinishedSpan]) -> bool:
        """Send spans, with retries; whether the collector took them."""
        request = otlp.encode(spans, self._provider.resource, self._scope)
        # Its public way begins with encoding them, and this is what it does then.
        return self._exporter._client.export(request.SerializeToString()).success

    def shutdown(self) -> None:
        self._exporter.shutdown()  # type: ignore[no-untyped-call]
