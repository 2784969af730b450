"""How often Python collects garbage, which holds up all threads.

The client library's own collector has two more counters a generation, of objects, that no decision hangs on.
"""

import gc
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector


class GarbageMetrics(Collector):
    """Read at scrape time, under the name that the client library gives it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        registry.register(self)

    def collect(self) -> Iterator[Metric]:
        family = CounterMetricFamily(
            "python_gc_collections", "Number of times this generation was collected", labels=["generation"]
        )
        for generation, found in enumerate(gc.get_stats()):
            family.add_metric([str(generation)], found["collections"])
        yield family
