import logging

import pytest
from prometheus_client import CollectorRegistry

from service.telemetry.metrics.logs import LEVELS, LogMetrics


def counted(registry: CollectorRegistry) -> dict[str, float | None]:
    return {level: registry.get_sample_value("cifar10_log_messages_total", {"level": level}) for level in LEVELS}


def test_every_level_is_counted_from_zero() -> None:
    registry = CollectorRegistry()
    LogMetrics(registry)
    assert counted(registry) == dict.fromkeys(LEVELS, 0.0)


@pytest.mark.parametrize(
    ("number", "level"),
    [(1, "debug"), (10, "debug"), (20, "info"), (25, "info"), (30, "warning"), (40, "error"), (90, "critical")],
)
def test_a_line_counts_at_its_level_or_the_next_below(number: int, level: str) -> None:
    registry = CollectorRegistry()
    LogMetrics(registry).handle(logging.LogRecord("x", number, "", 0, "hello", None, None))
    assert counted(registry)[level] == 1.0
    assert sum(value or 0 for value in counted(registry).values()) == 1.0
