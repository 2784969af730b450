"""What a request goes through inside the server: its stages, the queue and the batches."""

from collections import defaultdict
from collections.abc import Sequence

from prometheus_client import CollectorRegistry, Counter, Gauge

from service.batching import Batcher
from service.errors import DeadlineExceeded, Draining, NotReady, QueueFull
from service.jobs import Batch
from service.telemetry.metrics.histogram import Histogram
from service.telemetry.observation import Observation
from service.telemetry.stages import STAGES

STAGE_BUCKETS = (0.001, 0.005, 0.025, 0.25, 2.5)
"""Seconds; few, as there is a histogram a stage. Means, and so what a request's time consists of, are exact."""

BATCH_BUCKETS = (1, 2, 4, 8, 16)
"""Images; more only where one request has more."""

SHED_CODES = tuple(error.code for error in (QueueFull, DeadlineExceeded, NotReady, Draining))
"""The refusals for which the server is the reason, not the request."""


class ServingMetrics:
    """Stage times, queue depth, batch sizes, and what was turned away."""

    def __init__(self, registry: CollectorRegistry, batcher: Batcher) -> None:
        stages = Histogram(
            "cifar10_stage_duration_seconds",
            "Time that predictions spent in each stage, answered or too late.",
            ["stage"],
            buckets=STAGE_BUCKETS,
            registry=registry,
        )
        self._stages = {name: stages.labels(name) for name in STAGES}
        shed = Counter(
            "cifar10_requests_shed", "Requests turned away for the server's sake, by reason.", ["reason"],
            registry=registry,
        )  # fmt: skip
        self._shed = {code: shed.labels(code) for code in SHED_CODES}
        self._batch_size = Histogram(
            "cifar10_batch_size", "Images computed together.", buckets=BATCH_BUCKETS, registry=registry
        )
        depth = Gauge("cifar10_queue_depth", "Images waiting to be computed.", registry=registry)
        depth.set_function(lambda: batcher.depth)
        Gauge("cifar10_queue_capacity", "Images that may wait.", registry=registry).set(batcher.capacity)

    def computed(self, batch: Batch) -> None:
        self._batch_size.observe(batch.size)

    def record(self, observations: Sequence[Observation]) -> None:
        took: defaultdict[str, list[float]] = defaultdict(list)
        exemplars: defaultdict[str, list[tuple[float, dict[str, str]]]] = defaultdict(list)
        for one in observations:
            code = one.refusal.code if one.refusal else ""
            if code in self._shed:
                self._shed[code].inc()
            if one.classified or code == DeadlineExceeded.code:
                exemplar = one.trace.exemplar
                for name, _, seconds in one.stages.passed:
                    took[name].append(seconds)
                    if exemplar:
                        exemplars[name].append((seconds, exemplar))
        for name, durations in took.items():
            self._stages[name].observe_all(durations, exemplars[name])
