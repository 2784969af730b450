"""Metric families of several processes merged into one: counts are added, shared values are taken once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Exemplar

_CUMULATIVE = ("counter", "histogram")

SUMMED_GAUGES = frozenset(
    {
        "cifar10_engine_threads",
        "cifar10_queue_capacity",
        "cifar10_queue_depth",
        "cifar10_workers",
        "http_server_active_requests",
        "process_resident_memory_bytes",
        "process_virtual_memory_bytes",
    }
)
"""Gauges that are added up, as counters and histograms are."""

MINIMUM_GAUGES = frozenset({"cifar10_ready", "cifar10_readiness_check", "process_max_fds"})
"""Gauges whose smallest value is shown: the server is ready if all its workers are."""

CGROUP_COUNTERS = frozenset({"cifar10_cpu_periods", "cifar10_cpu_throttled_periods", "cifar10_cpu_throttled_seconds"})
"""Counters of the control group, which every process reads alike."""


def cumulative(families: Iterable[Metric]) -> list[Metric]:
    """Families that must not decrease when a worker is replaced."""
    return [family for family in families if family.type in _CUMULATIVE and family.name not in CGROUP_COUNTERS]


def merged(processes: Sequence[Iterable[Metric]]) -> list[Metric]:
    """One family per name. The newest exemplar of each bucket is kept."""
    families: dict[str, Metric] = {}
    positions: dict[tuple[str, str, tuple[tuple[str, str], ...]], int] = {}
    for process in processes:
        for family in process:
            result = families.get(family.name)
            if result is None:
                result = families[family.name] = Metric(family.name, family.documentation, family.type)
            combine = _combination(family)
            for sample in family.samples:
                key = (family.name, sample.name, tuple(sorted(sample.labels.items())))
                if key in positions:
                    before = result.samples[positions[key]]
                    result.samples[positions[key]] = before._replace(
                        value=combine(before.value, sample.value), exemplar=_newest(before.exemplar, sample.exemplar)
                    )
                else:
                    positions[key] = len(result.samples)
                    result.samples.append(sample)
    return list(families.values())


def dump(families: Iterable[Metric]) -> bytes:
    """The families as JSON, for :func:`load`."""
    return orjson.dumps(
        [
            (
                family.name,
                family.documentation,
                family.type,
                [(one.name, one.labels, one.value, one.exemplar and tuple(one.exemplar)) for one in family.samples],
            )
            for family in families
        ]
    )


def load(dumped: bytes) -> list[Metric]:
    return [_family(*each) for each in orjson.loads(dumped)]


def _combination(family: Metric) -> Callable[[float, float], float]:
    """How two processes' values of a family are combined; the maximum unless another way is listed above."""
    if family.name in MINIMUM_GAUGES:
        return min
    if family.name in SUMMED_GAUGES or (family.type in _CUMULATIVE and family.name not in CGROUP_COUNTERS):
        return lambda one, other: one + other
    return max


def _family(name: str, documentation: str, kind: str, samples: list[Any]) -> Metric:
    family = Metric(name, documentation, kind)
    for sample, labels, value, exemplar in samples:
        family.add_sample(sample, labels, value, exemplar=Exemplar(*exemplar) if exemplar else None)
    return family


def _newest(one: Exemplar | None, other: Exemplar | None) -> Exemplar | None:
    return max((each for each in (one, other) if each), key=lambda each: each.timestamp or 0.0, default=None)
