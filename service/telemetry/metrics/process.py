"""The process: its release, CPU quota and throttling, memory and its limit, and garbage collection."""

import gc
import platform
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from model.engines.cgroups import Usage, usage
from model.engines.cpu import available_cpus
from service import __version__


class ProcessMetrics(Collector):
    """Read at scrape time; a family is omitted if the kernel does not report its value."""

    def __init__(self, registry: CollectorRegistry, revision: str, read: Callable[[], Usage] = usage) -> None:
        self._read = read
        info = Gauge("cifar10_build_info", "The running release; always 1.", ["version", "revision", "python_version"],
                     registry=registry)  # fmt: skip
        info.labels(__version__, revision, platform.python_version()).set(1)
        cpus = Gauge("cifar10_available_cpus", "CPUs that affinity and quota allow.", registry=registry)
        cpus.set(available_cpus())
        registry.register(self)

    def describe(self) -> Iterator[Metric]:
        return _families(Usage(0, 0, 0.0, 0, 0))

    def collect(self) -> Iterator[Metric]:
        return _families(self._read())


def _families(usage: Usage) -> Iterator[Metric]:
    for kind, name, text, value in (
        (CounterMetricFamily, "cifar10_cpu_periods", "Scheduling periods with a CPU quota.", usage.periods),
        (CounterMetricFamily, "cifar10_cpu_throttled_periods", "Scheduling periods in which the quota was used up.",
         usage.throttled_periods),
        (CounterMetricFamily, "cifar10_cpu_throttled_seconds", "Time for which threads were throttled.",
         usage.throttled_seconds),
        (GaugeMetricFamily, "cifar10_memory_usage_bytes", "Memory of the control group, including caches.",
         usage.memory_bytes),
        (GaugeMetricFamily, "cifar10_memory_limit_bytes", "Memory limit; exceeding it triggers the OOM killer.",
         usage.memory_limit_bytes),
    ):  # fmt: skip
        if value is not None:
            yield kind(name, text, value=value)
    # prometheus_client's own collector has two more counters per generation.
    collections = CounterMetricFamily(
        "python_gc_collections", "Number of times this generation was collected", labels=["generation"]
    )
    for generation, found in enumerate(gc.get_stats()):
        collections.add_metric([str(generation)], found["collections"])
    yield collections
