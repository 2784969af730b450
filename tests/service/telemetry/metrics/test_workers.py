from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric

from service.siblings import Siblings
from service.telemetry.metrics.merging import dump
from service.telemetry.metrics.workers import AllWorkers, WorkerMetrics


class Told(Siblings):
    """What siblings there are, and what the worker before this one left."""

    def __init__(self, *others: list[Metric], before: bytes = b"") -> None:
        super().__init__()
        self.kept = before
        self._others_counted = [dump(each) for each in others]

    def counted(self) -> list[bytes]:
        return self._others_counted

    def inherited(self) -> bytes:
        return self.kept

    def bequeath(self, counted: bytes) -> None:
        self.kept = counted


def registry(requests: int, waiting: int) -> CollectorRegistry:
    found = CollectorRegistry()
    Counter("requests", "Text.", registry=found).inc(requests)
    Gauge("cifar10_queue_depth", "Text.", registry=found).set(waiting)
    return found


def values(found: list[Metric]) -> dict[str, float]:
    return {sample.name: sample.value for family in found for sample in family.samples}


def test_all_are_shown_together() -> None:
    everywhere = AllWorkers(registry(2, 1), Told(list(registry(3, 1).collect()), list(registry(4, 1).collect())))
    assert values(everywhere.collect()) == {"requests_total": 9, "cifar10_queue_depth": 3}


def test_a_successor_goes_on_counting_where_the_one_before_ended_but_not_with_what_was_its_state() -> None:
    told = Told()
    AllWorkers(registry(2, 5), told).own()
    successor = AllWorkers(registry(1, 0), told)
    successor.inherit()
    assert values(successor.collect()) == {"requests_total": 3, "cifar10_queue_depth": 0}
    heir = AllWorkers(registry(0, 0), told)
    heir.inherit()
    assert values(heir.collect())["requests_total"] == 3


def test_each_worker_counts_itself() -> None:
    one, other = CollectorRegistry(), CollectorRegistry()
    WorkerMetrics(one)
    WorkerMetrics(other)
    found = values(AllWorkers(one, Told(list(other.collect()))).collect())
    assert found == {"cifar10_workers": 2, "cifar10_worker_starts_total": 2}
