import gc
import tomllib
from pathlib import Path

from prometheus_client import CollectorRegistry, GCCollector

from model.engines.cgroups import Usage
from service import __version__
from service.telemetry.metrics.process import ProcessMetrics


def test_the_kernels_counters_are_read_at_every_scrape() -> None:
    registry = CollectorRegistry()
    readings = iter([Usage(1, 2, 3.0, 4, 5), Usage(10, 20, 30.0, 40, 50)])
    ProcessMetrics(registry, "abc", read=lambda: next(readings))
    assert registry.get_sample_value("cifar10_cpu_periods_total") == 1
    assert registry.get_sample_value("cifar10_memory_limit_bytes") == 50


def test_values_that_the_kernel_does_not_report_are_omitted() -> None:
    registry = CollectorRegistry()
    ProcessMetrics(registry, "abc", read=lambda: Usage(None, None, None, None, None))
    assert registry.get_sample_value("cifar10_cpu_periods_total") is None
    assert registry.get_sample_value("cifar10_available_cpus")


def test_the_revision_of_the_build_is_published() -> None:
    registry = CollectorRegistry()
    ProcessMetrics(registry, "abc123")
    [sample] = [one for family in registry.collect() if family.name == "cifar10_build_info" for one in family.samples]
    assert sample.labels["revision"] == "abc123"


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((Path(__file__).parents[4] / "pyproject.toml").read_text())["project"]
    assert project["version"] == __version__


def test_garbage_collections_are_counted_by_generation() -> None:
    registry = CollectorRegistry()
    ProcessMetrics(registry, "abc")
    before = registry.get_sample_value("python_gc_collections_total", {"generation": "2"})
    gc.collect()
    after = registry.get_sample_value("python_gc_collections_total", {"generation": "2"})
    assert before is not None
    assert after is not None
    assert after > before


def test_garbage_collections_have_the_name_and_labels_of_the_client_library() -> None:
    registry, of_the_library = CollectorRegistry(), CollectorRegistry()
    ProcessMetrics(registry, "abc")
    GCCollector(of_the_library)
    [own] = [family for family in registry.collect() if family.name == "python_gc_collections"]
    [expected] = [family for family in of_the_library.collect() if family.name == own.name]
    assert (own.type, own.documentation) == (expected.type, expected.documentation)
    assert [sample.labels for sample in own.samples] == [sample.labels for sample in expected.samples]
