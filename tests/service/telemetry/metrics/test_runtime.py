import tomllib
from pathlib import Path

from prometheus_client import CollectorRegistry

from service.cgroup import Usage
from service.telemetry.metrics.runtime import RuntimeMetrics
from service.version import VERSION


def test_the_kernels_counters_are_read_at_every_scrape() -> None:
    registry = CollectorRegistry()
    readings = iter([Usage(1, 2, 3.0, 4, 5), Usage(10, 20, 30.0, 40, 50)])
    RuntimeMetrics(registry, "abc", read=lambda: next(readings))
    assert registry.get_sample_value("cifar10_cpu_periods_total") == 1
    assert registry.get_sample_value("cifar10_memory_limit_bytes") == 50


def test_what_the_kernel_does_not_tell_is_left_out() -> None:
    registry = CollectorRegistry()
    RuntimeMetrics(registry, "abc", read=lambda: Usage(None, None, None, None, None))
    assert registry.get_sample_value("cifar10_cpu_periods_total") is None
    assert registry.get_sample_value("cifar10_available_cpus")


def test_the_revision_that_was_built_is_told() -> None:
    registry = CollectorRegistry()
    RuntimeMetrics(registry, "abc123")
    [sample] = [one for family in registry.collect() if family.name == "cifar10_build_info" for one in family.samples]
    assert sample.labels["revision"] == "abc123"


def test_the_release_is_the_projects() -> None:
    project = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text())["project"]
    assert project["version"] == VERSION
