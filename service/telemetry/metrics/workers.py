"""The worker processes of one server: how many there are, and what all of them have counted."""

import threading

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.siblings import Siblings
from service.telemetry.metrics.merging import counted, dump, load, merged


class WorkerMetrics:
    """Counts one; added up over all of them, these are how many there are and how many there have been."""

    def __init__(self, registry: CollectorRegistry) -> None:
        Gauge("cifar10_workers", "Worker processes that serve.", registry=registry).set(1)
        Counter(
            "cifar10_worker_starts", "Worker processes started: more than serve if some have ended.", registry=registry
        ).inc()


class AllWorkers(Collector):
    """What a scrape shows, whichever worker it meets.

    Counters never go back: what a worker had counted when it was last asked stays, also when it is killed.
    """

    def __init__(self, registry: CollectorRegistry, siblings: Siblings) -> None:
        self._registry = registry
        self._siblings = siblings
        self._inherited: list[Metric] = []
        self._lock = threading.Lock()

    def inherit(self) -> None:
        """Go on from what the worker before had counted; for the start, when this one has joined its siblings."""
        if told := self._siblings.inherited():
            self._inherited = load(told)
        self.own()

    def collect(self) -> list[Metric]:
        others = [load(each) for each in self._siblings.counted()]
        return merged([self.own(), *others]) if others else self.own()

    def own(self) -> list[Metric]:
        """Without the siblings' part; from now on kept for whoever comes after this process."""
        with self._lock:
            families = list(self._registry.collect())
            if self._inherited:
                families = merged([families, self._inherited])
            self._siblings.bequeath(dump(counted(families)))
        return families
