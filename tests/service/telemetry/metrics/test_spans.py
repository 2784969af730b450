from prometheus_client import CollectorRegistry

from service.telemetry.metrics.spans import SpanMetrics


def counted(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"cifar10_spans_{name}_total", labels)


def test_a_span_is_dropped_when_the_queue_is_full() -> None:
    registry = CollectorRegistry()
    spans = SpanMetrics(registry)
    assert [spans.ended(queue_size=3) for _ in range(5)] == [True] * 3 + [False] * 2
    assert (counted(registry, "ended"), counted(registry, "dropped")) == (5, 2)


def test_there_is_room_again_once_the_exporter_has_taken_some() -> None:
    registry = CollectorRegistry()
    spans = SpanMetrics(registry)
    for _ in range(3):
        spans.ended(queue_size=3)
    spans.taken(2)
    for _ in range(3):
        spans.ended(queue_size=3)
    assert counted(registry, "dropped") == 1


def test_exports_are_counted_by_their_result() -> None:
    registry = CollectorRegistry()
    spans = SpanMetrics(registry)
    spans.exported(4, success=True)
    spans.exported(3, success=False)
    assert counted(registry, "exported", result="success") == 4
    assert counted(registry, "exported", result="failure") == 3
