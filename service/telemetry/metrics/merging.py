"""Families of several processes as one: what each has counted is added up, what all see alike is taken once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Exemplar

Combine = Callable[[float, float], float]

_COUNTED = ("counter", "histogram")

OF_ALL = frozenset(
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

OF_THE_LEAST = frozenset({"cifar10_ready", "cifar10_readiness_check", "process_max_fds"})
"""Gauges of which the smallest counts: the server is ready if all its workers are."""

OF_THE_GROUP = frozenset({"cifar10_cpu_periods", "cifar10_cpu_throttled_periods", "cifar10_cpu_throttled_seconds"})
"""Counters of the control group, which every process reads alike."""


def how(family: Metric) -> Combine:
    """What two processes' values of a family come to; the larger one where nothing else is said."""
    if family.name in OF_THE_LEAST:
        return min
    if family.name in OF_ALL or (family.type in _COUNTED and family.name not in OF_THE_GROUP):
        return lambda one, other: one + other
    return max


def counted(families: Iterable[Metric]) -> list[Metric]:
    """Those that must not go back when a process ends and another takes its place."""
    return [family for family in families if family.type in _COUNTED and family.name not in OF_THE_GROUP]


def merged(processes: Sequence[Iterable[Metric]]) -> list[Metric]:
    """One family of each name. Of exemplars, the newest stay."""
    families: dict[str, Metric] = {}
    places: dict[tuple[str, str, tuple[tuple[str, str], ...]], int] = {}
    for process in processes:
        for family in process:
            whole = families.get(family.name)
            if whole is None:
                whole = families[family.name] = Metric(family.name, family.documentation, family.type)
            combine = how(family)
            for sample in family.samples:
                key = (family.name, sample.name, tuple(sorted(sample.labels.items())))
                if key in places:
                    before = whole.samples[places[key]]
                    whole.samples[places[key]] = before._replace(
                        value=combine(before.value, sample.value), exemplar=_newest(before.exemplar, sample.exemplar)
                    )
                else:
                    places[key] = len(whole.samples)
                    whole.samples.append(sample)
    return list(families.values())


def dump(families: Iterable[Metric]) -> bytes:
    """As JSON, for :func:`load`."""
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


def _family(name: str, documentation: str, kind: str, samples: list[Any]) -> Metric:
    family = Metric(name, documentation, kind)
    for sample, labels, value, exemplar in samples:
        family.add_sample(sample, labels, value, exemplar=Exemplar(*exemplar) if exemplar else None)
    return family


def _newest(one: Exemplar | None, other: Exemplar | None) -> Exemplar | None:
    return max((each for each in (one, other) if each), key=lambda each: each.timestamp or 0.0, default=None)
