from prometheus_client import CollectorRegistry, Counter, Gauge
from prometheus_client.metrics_core import Metric

from service.multiprocess.merging import dump
from service.multiprocess.peers import Peers
from service.telemetry.metrics.workers import AllWorkers


class KnownPeers(Peers):
    """The metrics of the other workers, and the counters of the slot's previous worker."""

    def __init__(self, *others: list[Metric], inherited: bytes = b"") -> None:
        super().__init__()
        self._stored = inherited
        self._others_counters = [dump(each) for each in others]

    def counters(self) -> list[bytes]:
        return self._others_counters

    def inherited(self) -> bytes:
        return self._stored

    def bequeath(self, counters: bytes) -> None:
        self._stored = counters


def worker(peers: Peers, requests: int, waiting: int) -> AllWorkers:
    """A worker with this number of counted requests and of images in its queue."""
    registry = CollectorRegistry()
    Counter("requests", "Text.", registry=registry).inc(requests)
    Gauge("cifar10_queue_depth", "Text.", registry=registry).set(waiting)
    return AllWorkers(registry, peers, before_scrape=lambda: None)


def values(found: list[Metric]) -> dict[str, float]:
    samples = [sample for family in found for sample in family.samples]
    return {sample.name: sample.value for sample in samples if not sample.name.endswith("_created")}


def test_a_scrape_shows_all_workers_together() -> None:
    others = [worker(Peers(), 3, 1).own(), worker(Peers(), 4, 1).own()]
    assert values(worker(KnownPeers(*others), 2, 1).collect()) == {
        "requests_total": 9,
        "cifar10_queue_depth": 3,
        "cifar10_workers": 3,
        "cifar10_worker_starts_total": 3,
    }


def test_a_successor_continues_the_counters_but_not_the_gauges_of_its_predecessor() -> None:
    peers = KnownPeers()
    worker(peers, 2, 5).own()
    for requests in (1, 4):
        successor = worker(peers, requests, 0)
        successor.inherit()
        found = values(successor.collect())
        assert found["cifar10_queue_depth"] == 0
    assert found["requests_total"] == 2 + 1 + 4
    assert found["cifar10_workers"] == 1
    assert found["cifar10_worker_starts_total"] == 3


def test_waiting_requests_are_recorded_before_a_scrape() -> None:
    registry = CollectorRegistry()
    recorded = Counter("requests", "Text.", registry=registry)
    assert values(AllWorkers(registry, Peers(), before_scrape=recorded.inc).collect())["requests_total"] == 1
