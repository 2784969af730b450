import logging

from prometheus_client import CollectorRegistry

from service.telemetry.logs.queue_handler import LEVELS, BoundedQueueHandler
from service.telemetry.logs.rate_limit import BURST
from service.telemetry.metrics.telemetry_health import TelemetryMetrics


def counts(registry: CollectorRegistry, name: str, label: str, *values: str) -> list[float | None]:
    return [registry.get_sample_value(name, {label: value}) for value in values]


def test_every_count_begins_at_zero_also_without_a_log_handler() -> None:
    registry = CollectorRegistry()
    TelemetryMetrics(registry)
    assert counts(registry, "cifar10_log_messages_total", "level", *LEVELS) == [0.0] * len(LEVELS)
    assert counts(registry, "cifar10_log_lines_dropped_total", "reason", "flood", "unread") == [0.0, 0.0]
    assert counts(registry, "cifar10_spans_exported_total", "result", "success", "failure") == [0.0, 0.0]
    for name in ("spans_ended", "spans_dropped", "requests_unrecorded"):
        assert registry.get_sample_value(f"cifar10_{name}_total") == 0.0


def test_log_lines_and_their_losses_are_those_of_the_handler() -> None:
    registry = CollectorRegistry()
    with open("/dev/null", "w") as null:
        handler = BoundedQueueHandler(null.fileno(), capacity=0)
        TelemetryMetrics(registry, handler)
        for level in [logging.INFO, *[logging.ERROR] * 20 * BURST]:
            handler.handle(logging.LogRecord("x", level, "", 0, "hello", None, None))
    logged = counts(registry, "cifar10_log_messages_total", "level", "info", "error")
    assert logged == [1.0, 20.0 * BURST]
    flood, unread = counts(registry, "cifar10_log_lines_dropped_total", "reason", "flood", "unread")
    assert flood == handler.rate_limit.dropped > 0
    assert unread == handler.unwritten == 20 * BURST + 1 - handler.rate_limit.dropped


def test_spans_and_unrecorded_requests_are_counted() -> None:
    registry = CollectorRegistry()
    metrics = TelemetryMetrics(registry)
    metrics.spans_ended(5)
    metrics.spans_dropped(2)
    metrics.spans_exported(4, success=True)
    metrics.spans_exported(3, success=False)
    metrics.requests_unrecorded(50)
    assert registry.get_sample_value("cifar10_spans_ended_total") == 5
    assert registry.get_sample_value("cifar10_spans_dropped_total") == 2
    assert counts(registry, "cifar10_spans_exported_total", "result", "success", "failure") == [4, 3]
    assert registry.get_sample_value("cifar10_requests_unrecorded_total") == 50
