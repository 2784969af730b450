from prometheus_client import CollectorRegistry

from service.telemetry.metrics.losses import LossMetrics


def test_what_is_lost_is_counted_by_reason_from_zero() -> None:
    registry = CollectorRegistry()
    losses = LossMetrics(registry)
    losses.lines_cut(1)
    losses.lines_unwritten(7)
    assert registry.get_sample_value("cifar10_log_lines_dropped_total", {"reason": "flood"}) == 1
    assert registry.get_sample_value("cifar10_log_lines_dropped_total", {"reason": "unread"}) == 7
    assert registry.get_sample_value("cifar10_requests_unrecorded_total") == 0
    losses.requests_unrecorded(50)
    assert registry.get_sample_value("cifar10_requests_unrecorded_total") == 50
