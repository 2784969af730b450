import gc

from prometheus_client import CollectorRegistry, GCCollector

from service.telemetry.metrics.garbage import GarbageMetrics


def test_collections_are_counted_by_generation() -> None:
    registry = CollectorRegistry()
    GarbageMetrics(registry)
    before = registry.get_sample_value("python_gc_collections_total", {"generation": "2"})
    gc.collect()
    after = registry.get_sample_value("python_gc_collections_total", {"generation": "2"})
    assert before is not None
    assert after is not None
    assert after > before


def test_dashboards_find_them_as_the_client_library_names_them() -> None:
    registry, librarys = CollectorRegistry(), CollectorRegistry()
    GarbageMetrics(registry)
    GCCollector(librarys)
    [own] = registry.collect()
    [theirs] = [family for family in librarys.collect() if family.name == own.name]
    assert (own.type, own.documentation) == (theirs.type, theirs.documentation)
    assert [sample.labels for sample in own.samples] == [sample.labels for sample in theirs.samples]
