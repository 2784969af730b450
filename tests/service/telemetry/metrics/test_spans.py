from prometheus_client import CollectorRegistry

from service.telemetry.metrics.spans import SpanMetrics


def counted(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"cifar10_spans_{name}_total", labels)


def test_spans_that_ended_and_those_that_were_dropped_of_them_are_counted() -> None:
    registry = CollectorRegistry()
    spans = SpanMetrics(registry)
    spans.ended(5)
    spans.dropped(2)
    assert (counted(registry, "ended"), counted(registry, "dropped")) == (5, 2)


def test_exports_are_counted_by_their_result() -> None:
    registry = CollectorRegistry()
    spans = SpanMetrics(registry)
    spans.exported(4, success=True)
    spans.exported(3, success=False)
    assert counted(registry, "exported", result="success") == 4
    assert counted(registry, "exported", result="failure") == 3
