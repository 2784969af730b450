"""The worker processes of one server: their number, and their metrics merged into one scrape."""

import threading
from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from service.multiprocess.merging import cumulative, dump, load, merged
from service.multiprocess.peers import Peers


class AllWorkers(Collector):
    """What a scrape returns, whichever worker answers it.

    Counters never decrease: what a worker had counted when it was last read is kept, even if it is killed.
    ``before_scrape`` is called first, to record what is waiting.
    """

    def __init__(self, registry: CollectorRegistry, peers: Peers, before_scrape: Callable[[], object]) -> None:
        Gauge("cifar10_workers", "Worker processes.", registry=registry).set(1)
        Counter(
            "cifar10_worker_starts", "Worker processes started, including those that have ended.", registry=registry
        ).inc()
        self._registry = registry
        self._peers = peers
        self._before_scrape = before_scrape
        self._inherited: list[Metric] = []
        self._lock = threading.Lock()

    def inherit(self) -> None:
        """Continue the counters of the slot's previous worker; call it once, after joining the peers."""
        if counters := self._peers.inherited():
            self._inherited = load(counters)
        self.own()

    def collect(self) -> list[Metric]:
        others = [load(each) for each in self._peers.counters()]
        return merged([self.own(), *others]) if others else self.own()

    def own(self) -> list[Metric]:
        """This worker's metrics, whose counters are also stored for its successor."""
        self._before_scrape()
        with self._lock:
            families = list(self._registry.collect())
            if self._inherited:
                families = merged([families, self._inherited])
            self._peers.bequeath(dump(cumulative(families)))
        return families
