"""What becomes of the spans: the telemetry's own health."""

from prometheus_client import CollectorRegistry, Counter


class SpanMetrics:
    """Spans ended, dropped, and exported or lost on the way; all stay 0 while tracing is off."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._ended = Counter("cifar10_spans_ended", "Recorded spans that ended.", registry=registry)
        self._dropped = Counter(
            "cifar10_spans_dropped", "Of those, spans that found the export queue full.", registry=registry
        )
        exported = Counter(
            "cifar10_spans_exported", "Spans handed to the collector, by result; the others wait or were dropped.",
            ["result"], registry=registry,
        )  # fmt: skip
        self._success, self._failure = exported.labels("success"), exported.labels("failure")

    def ended(self, count: int) -> None:
        """So many have ended."""
        self._ended.inc(count)

    def dropped(self, count: int) -> None:
        """So many of them found no room."""
        self._dropped.inc(count)

    def exported(self, count: int, *, success: bool) -> None:
        """So many have been sent, or could not be."""
        (self._success if success else self._failure).inc(count)
