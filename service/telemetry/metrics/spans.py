"""What becomes of the spans: the telemetry's own health."""

from prometheus_client import CollectorRegistry, Counter


class SpanMetrics:
    """Spans ended, and exported or lost; all stay 0 while tracing is off."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter("cifar10_spans_ended", "Recorded spans that ended.", registry=registry)
        exported = Counter(
            "cifar10_spans_exported", "Spans handed to the collector, by result; the others wait or were dropped.",
            ["result"], registry=registry,
        )  # fmt: skip
        self._success, self._failure = exported.labels("success"), exported.labels("failure")

    def ended(self) -> None:
        self._ended.inc()

    def exported(self, count: int, *, success: bool) -> None:
        (self._success if success else self._failure).inc(count)
