import prometheus_client
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from prometheus_client.samples import Exemplar, Sample

from service.telemetry.metrics.histogram import Histogram

BUCKETS = (0.5, 1.0, 2.0)


def samples(registry: CollectorRegistry) -> list[Sample]:
    (family,) = registry.collect()
    return [each._replace(exemplar=without_its_time(each.exemplar)) for each in family.samples]


def without_its_time(exemplar: Exemplar | None) -> Exemplar | None:
    return exemplar and exemplar._replace(timestamp=None)


@given(st.lists(st.tuples(st.sampled_from([0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 64.0]), st.booleans()), max_size=20))
def test_many_values_at_once_count_as_they_would_one_by_one(observed: list[tuple[float, bool]]) -> None:
    of_ours, of_theirs = CollectorRegistry(), CollectorRegistry()
    ours = Histogram("took_seconds", "Time.", buckets=BUCKETS, registry=of_ours)
    theirs = prometheus_client.Histogram("took_seconds", "Time.", buckets=BUCKETS, registry=of_theirs)
    labels = [{"trace_id": str(number)} if sampled else None for number, (_, sampled) in enumerate(observed)]
    for (value, _), exemplar in zip(observed, labels, strict=True):
        theirs.observe(value, exemplar)
    values = [value for value, _ in observed]
    ours.observe_all(values, [(value, each) for value, each in zip(values, labels, strict=True) if each])
    assert samples(of_ours) == samples(of_theirs)


def test_a_labelled_child_takes_many_values_too() -> None:
    registry = CollectorRegistry()
    family = Histogram("took_seconds", "Time.", ["stage"], buckets=BUCKETS, registry=registry)
    child = family.labels("decode")
    child.observe_all([0.1, 3.0])
    child.observe_all([0.2])
    assert registry.get_sample_value("took_seconds_bucket", {"stage": "decode", "le": "0.5"}) == 2
    assert registry.get_sample_value("took_seconds_count", {"stage": "decode"}) == 3
