"""All metric families together, in one registry."""

from collections.abc import Callable, Iterable, Sequence

from prometheus_client import CollectorRegistry, PlatformCollector, ProcessCollector, disable_created_metrics
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.batching import Batcher
from service.lifecycle import Lifecycle
from service.siblings import Siblings
from service.telemetry.metrics.exposition import ExpositionMetrics
from service.telemetry.metrics.feedback import FeedbackMetrics
from service.telemetry.metrics.garbage import GarbageMetrics
from service.telemetry.metrics.http import HttpMetrics
from service.telemetry.metrics.lifecycle import LifecycleMetrics
from service.telemetry.metrics.logs import LogMetrics
from service.telemetry.metrics.losses import LossMetrics
from service.telemetry.metrics.predictions import PredictionMetrics
from service.telemetry.metrics.runtime import RuntimeMetrics
from service.telemetry.metrics.serving import ServingMetrics
from service.telemetry.metrics.spans import SpanMetrics
from service.telemetry.metrics.workers import AllWorkers, WorkerMetrics
from service.telemetry.observation import Observation


class Metrics:
    """The families of one process, and of all workers together."""

    def __init__(
        self, classes: tuple[str, ...], lifecycle: Lifecycle, batcher: Batcher, siblings: Siblings, revision: str
    ) -> None:
        disable_created_metrics()  # type: ignore[no-untyped-call]  # they would double the number of series
        self.registry = CollectorRegistry()
        self.before_scrape: Callable[[], object] = lambda: None
        """Called before any metric is read, to bring them up to date."""
        self.registry.register(_First(self))
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GarbageMetrics(self.registry)
        self.http = HttpMetrics(self.registry)
        self.serving = ServingMetrics(self.registry, batcher)
        self.predictions = PredictionMetrics(self.registry, classes)
        self.feedback = FeedbackMetrics(self.registry, classes)
        self.runtime = RuntimeMetrics(self.registry, revision)
        self.logs = LogMetrics(self.registry)
        self.losses = LossMetrics(self.registry)
        self.spans = SpanMetrics(self.registry)
        self.exposition = ExpositionMetrics(self.registry)
        self.lifecycle = LifecycleMetrics(self.registry, lifecycle)
        WorkerMetrics(self.registry)
        self.all_workers = AllWorkers(self.registry, siblings)

    @property
    def watchers(self) -> list[Callable[[Sequence[Observation]], None]]:
        """Those that count requests which have been answered, one by one: if one fails, the others still count."""
        return [self.http.record, self.serving.record, self.predictions.record]


class _First(Collector):
    """Collects nothing; a registry asks its collectors in the order they were registered."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def describe(self) -> Iterable[Metric]:
        return []

    def collect(self) -> Iterable[Metric]:
        self._metrics.before_scrape()
        return []
