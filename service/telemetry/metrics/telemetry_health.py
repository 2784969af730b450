"""The telemetry's own health: log lines, spans and observations, and how many of them were lost."""

from collections.abc import Iterator
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.telemetry.logs.queue_handler import LEVELS, BoundedQueueHandler


class TelemetryMetrics(Collector):
    """Counts what is recorded, and reads the counts of the log handler, if there is one."""

    def __init__(self, registry: CollectorRegistry, logs: BoundedQueueHandler | None = None) -> None:
        self._logs = logs
        counter = partial(Counter, registry=registry)
        self.requests_unrecorded = counter(
            "cifar10_requests_unrecorded",
            "Requests that are missing in a metric, a trace or the log, because recording them failed.",
        ).inc
        self.spans_ended = counter("cifar10_spans_ended", "Recorded spans that ended.").inc
        self.spans_dropped = counter("cifar10_spans_dropped", "Spans dropped because the export queue was full.").inc
        exported = counter("cifar10_spans_exported", "Spans sent to the collector, by result.", ["result"])
        self._success, self._failure = exported.labels("success"), exported.labels("failure")
        self._series = Gauge("cifar10_metric_series", "Series in the previous scrape.", registry=registry)
        registry.register(self)

    def spans_exported(self, count: int, *, success: bool) -> None:
        (self._success if success else self._failure).inc(count)

    def scraped(self, text: bytes) -> None:
        """Count the series in a scrape: the lines that are not comments."""
        self._series.set(text.count(b"\n") - text.count(b"\n#") - text.startswith(b"#"))

    def collect(self) -> Iterator[Metric]:
        logs = self._logs
        logged = CounterMetricFamily("cifar10_log_messages", "Lines logged, by level.", labels=["level"])
        for level in LEVELS:
            logged.add_metric([level], logs.logged[level] if logs else 0)
        yield logged
        dropped = CounterMetricFamily(
            "cifar10_log_lines_dropped",
            "Log lines dropped: by the rate limit (flood), or because stderr was blocked (unread).",
            labels=["reason"],
        )
        dropped.add_metric(["flood"], logs.rate_limit.dropped if logs else 0)
        dropped.add_metric(["unread"], logs.unwritten if logs else 0)
        yield dropped
