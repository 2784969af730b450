"""What happens to a request inside the server: its stages, the queue and the batches."""

from collections.abc import Sequence
from functools import partial

from prometheus_client import CollectorRegistry, Counter, Histogram

from service.errors import DeadlineExceeded, Draining, NotReady, QueueFull
from service.inference.job import Batch
from service.telemetry.observation import Observation
from service.telemetry.stages import STAGES

STAGE_BUCKETS = (0.001, 0.005, 0.025, 0.25, 2.5)
"""Seconds. There are few, because there is a histogram per stage; sums and counts are exact."""

BATCH_BUCKETS = (1, 2, 4, 8, 16)
"""Images."""

SHED_CODES = tuple(error.code for error in (QueueFull, DeadlineExceeded, NotReady, Draining))
"""The errors that are caused by the server's state, not by the request."""


class ServingMetrics:
    """Stage times, batch sizes, and load shedding."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counter, histogram = partial(Counter, registry=registry), partial(Histogram, registry=registry)
        stages = histogram(
            "cifar10_stage_duration_seconds",
            "Time that predictions spent in each stage, answered or past their deadline.",
            ["stage"],
            buckets=STAGE_BUCKETS,
        )
        self._stages = {name: stages.labels(name) for name in STAGES}
        shed = counter(
            "cifar10_requests_shed", "Requests refused because of the server's state, by error code.", ["reason"]
        )
        self._shed = {code: shed.labels(code) for code in SHED_CODES}
        self._batch_size = histogram("cifar10_batch_size", "Images per batch.", buckets=BATCH_BUCKETS)

    def batch(self, batch: Batch) -> None:
        self._batch_size.observe(batch.size)

    def record(self, observations: Sequence[Observation]) -> None:
        for one in observations:
            code = one.refusal.code if one.refusal else ""
            if code in self._shed:
                self._shed[code].inc()
            if one.classified or code == DeadlineExceeded.code:
                for name, _, seconds in one.stages.passed:
                    self._stages[name].observe(seconds, one.trace.exemplar)
