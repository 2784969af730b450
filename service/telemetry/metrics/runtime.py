"""The process and what it may use: CPU quota and throttling, memory and its limit, release and Python."""

import platform
from collections.abc import Callable, Iterator

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from model.engines.cpu import available_cpus
from service.cgroup import Usage, usage
from service.version import VERSION


class RuntimeMetrics(Collector):
    """Read at scrape time; a family is left out where the kernel does not tell."""

    def __init__(self, registry: CollectorRegistry, revision: str, read: Callable[[], Usage] = usage) -> None:
        self._read = read
        info = Gauge("cifar10_build_info", "The running release; always 1.", ["version", "revision", "python_version"],
                     registry=registry)  # fmt: skip
        info.labels(VERSION, revision, platform.python_version()).set(1)
        cpus = Gauge("cifar10_available_cpus", "CPUs the process may use, by affinity and quota.", registry=registry)
        cpus.set(available_cpus())
        registry.register(self)

    def describe(self) -> Iterator[Metric]:
        return _families(Usage(0, 0, 0.0, 0, 0))

    def collect(self) -> Iterator[Metric]:
        return _families(self._read())


def _families(found: Usage) -> Iterator[Metric]:
    for name, text, value in (
        ("cifar10_cpu_periods", "Scheduling periods under a CPU quota.", found.periods),
        ("cifar10_cpu_throttled_periods", "Of those, periods in which the quota ran out.", found.throttled_periods),
        ("cifar10_cpu_throttled_seconds", "Time for which threads were held back.", found.throttled_seconds),
    ):
        if value is not None:
            yield CounterMetricFamily(name, text, value=value)
    for name, text, value in (
        ("cifar10_memory_usage_bytes", "Memory of the control group, caches included.", found.memory_bytes),
        ("cifar10_memory_limit_bytes", "At this much the kernel kills.", found.memory_limit_bytes),
    ):
        if value is not None:
            yield GaugeMetricFamily(name, text, value=value)
