from collections.abc import Mapping
from types import MappingProxyType

import pytest
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics_core import Metric

from service.app import Predictor
from service.multiprocess import merging
from service.multiprocess.merging import cumulative, dump, load, merged
from tests.service import scrape


def families(
    requests: int = 0, seconds: float = 0.0, trace: str = "", gauges: Mapping[str, float] = MappingProxyType({})
) -> list[Metric]:
    """Metric families of one process: requests, their seconds, and gauges."""
    registry = CollectorRegistry()
    total = Counter("requests", "Text.", ["code"], registry=registry)
    histogram = Histogram("seconds", "Text.", buckets=(1.0,), registry=registry)
    for _ in range(requests):
        total.labels("ok").inc()
        histogram.observe(seconds, {"trace_id": trace} if trace else None)
    for name, value in gauges.items():
        Gauge(name, "Text.", registry=registry).set(value)
    return list(registry.collect())


def values(found: list[Metric]) -> dict[str, float]:
    return {sample.name + sample.labels.get("le", ""): sample.value for family in found for sample in family.samples}


def exemplars(found: list[Metric]) -> list[str]:
    return [one.exemplar.labels["trace_id"] for family in found for one in family.samples if one.exemplar]


def test_counters_and_histograms_are_added_up() -> None:
    found = values(merged([families(2, 0.5), families(3, 2.0)]))
    assert found["requests_total"] == 5
    assert (found["seconds_bucket1.0"], found["seconds_bucket+Inf"], found["seconds_sum"]) == (2, 5, 7.0)


def test_a_series_of_only_one_process_is_kept() -> None:
    for order in ([families(), families(3, 0.5)], [families(3, 0.5), families()]):
        assert values(merged(order))["requests_total"] == 3


def test_the_newest_exemplar_is_kept() -> None:
    older, newer = families(1, 0.5, "older"), families(1, 0.5, "newer")
    assert exemplars(merged([older, newer])) == exemplars(merged([newer, older])) == ["newer"]


@pytest.mark.parametrize(
    ("name", "value"), [("cifar10_queue_depth", 5), ("cifar10_ready", 2), ("cifar10_available_cpus", 3)]
)
def test_gauges_are_added_up_or_their_minimum_or_maximum_is_taken(name: str, value: float) -> None:
    assert values(merged([families(gauges={name: 2}), families(gauges={name: 3})]))[name] == value


def test_counters_of_the_control_group_are_not_added_up() -> None:
    registry = CollectorRegistry()
    Counter("cifar10_cpu_periods", "Text.", registry=registry).inc(7)
    found = list(registry.collect())
    assert values(merged([found, found]))["cifar10_cpu_periods_total"] == 7
    assert not cumulative(found)


def test_merging_does_not_change_its_arguments() -> None:
    one = families(2, 0.5)
    before = values(one)
    merged([one, families(1, 0.5)])
    assert values(one) == before


def test_dumped_families_are_loaded_with_their_exemplars() -> None:
    one = families(2, 0.3, "abc", {"cifar10_queue_depth": 1.5})
    assert load(dump(one)) == one


def test_only_counters_and_histograms_are_cumulative() -> None:
    kept = cumulative(families(1, 0.5, gauges={"cifar10_queue_depth": 2, "process_resident_memory_bytes": 9}))
    assert {family.name for family in kept} == {"requests", "seconds"}


def test_every_name_in_the_rules_is_a_family_of_the_service(predictor: Predictor) -> None:
    found = {family.name: family.type for family in scrape.families(predictor)}
    assert all(found.get(name) == "gauge" for name in merging.SUMMED_GAUGES | merging.MINIMUM_GAUGES)
    assert all(found.get(name, "counter") == "counter" for name in merging.CGROUP_COUNTERS)


def test_every_gauge_of_the_service_has_a_rule_or_may_be_merged_by_its_maximum(predictor: Predictor) -> None:
    # The maximum is shown of every gauge that has no rule: decide for each new one.
    equal_in_all_processes = {
        "cifar10_available_cpus", "cifar10_build_info", "cifar10_feature_bin_reference_ratio",
        "cifar10_low_confidence_threshold_ratio", "cifar10_memory_limit_bytes", "cifar10_memory_usage_bytes",
        "cifar10_metric_series", "cifar10_model_info", "cifar10_reference_class_ratio", "python_info",
    }  # fmt: skip
    latest_or_worst = {
        "cifar10_lifecycle_state", "cifar10_model_load_duration_seconds", "cifar10_model_loaded_timestamp_seconds",
        "process_open_fds", "process_start_time_seconds",
    }  # fmt: skip
    found = {each.name for each in scrape.families(predictor) if each.type == "gauge"}
    assert found <= equal_in_all_processes | latest_or_worst | merging.SUMMED_GAUGES | merging.MINIMUM_GAUGES
