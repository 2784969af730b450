"""What becomes of the spans: the telemetry's own health."""

import threading

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
        self._lock = threading.Lock()
        self._waiting = 0

    def ended(self, queue_size: int) -> bool:
        """Count one, and say whether there is room for it; it is dropped if ``queue_size`` spans wait already."""
        self._ended.inc()
        with self._lock:
            if self._waiting < queue_size:
                self._waiting += 1
                return True
        self._dropped.inc()
        return False

    def taken(self, count: int) -> None:
        """So many have left the queue."""
        with self._lock:
            self._waiting -= count

    def exported(self, count: int, *, success: bool) -> None:
        (self._success if success else self._failure).inc(count)
