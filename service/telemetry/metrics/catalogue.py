"""All metric families together, in one registry."""

from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from service.batching import Batcher
from service.lifecycle import Lifecycle
from service.telemetry.metrics.feedback import FeedbackMetrics
from service.telemetry.metrics.http import HttpMetrics
from service.telemetry.metrics.lifecycle import LifecycleMetrics
from service.telemetry.metrics.predictions import PredictionMetrics
from service.telemetry.metrics.runtime import RuntimeMetrics
from service.telemetry.metrics.serving import ServingMetrics
from service.telemetry.metrics.spans import SpanMetrics


class Metrics:
    """The families of one process."""

    def __init__(self, classes: tuple[str, ...], lifecycle: Lifecycle, batcher: Batcher) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double the number of series
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        self.http = HttpMetrics(self.registry)
        self.serving = ServingMetrics(self.registry, batcher)
        self.predictions = PredictionMetrics(self.registry, classes)
        self.feedback = FeedbackMetrics(self.registry, classes)
        self.runtime = RuntimeMetrics(self.registry)
        self.spans = SpanMetrics(self.registry)
        self.lifecycle = LifecycleMetrics(self.registry, lifecycle)
