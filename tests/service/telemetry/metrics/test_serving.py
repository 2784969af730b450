import io

import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from service.app import Predictor
from service.telemetry.metrics.serving import SHED_CODES, STAGE_BUCKETS, ServingMetrics
from service.telemetry.observation import Observation, Refusal
from service.telemetry.stages import STAGES, Stages
from service.telemetry.tracing.trace_context import from_traceparent
from tests.service.pictures import plain
from tests.service.scrape import value


def refused(code: str, *stages: tuple[str, float]) -> Observation:
    seen = Observation("id", from_traceparent(None), Stages(), "POST", "/predict", "/predict", None)
    seen.refusal = Refusal(code, "")
    for name, seconds in stages:
        seen.stages.record(name, 0.0, seconds)
    return seen


def test_the_size_of_a_batch_is_in_images(client: FlaskClient, predictor: Predictor) -> None:
    files = [(io.BytesIO(plain(label)), "x.png") for label in ("cat", "dog", "cat")]
    client.post("/predict", data={"file": files})
    client.post("/predict", data=plain("cat"))
    assert value(predictor, "cifar10_batch_size_count") == 2
    assert value(predictor, "cifar10_batch_size_sum") == 4
    assert value(predictor, "cifar10_batch_size_bucket", le="1.0") == 1


@pytest.mark.parametrize("code", SHED_CODES)
def test_requests_refused_because_of_the_servers_state_are_counted_by_reason(code: str) -> None:
    registry = CollectorRegistry()
    ServingMetrics(registry).record([refused(code), refused("no_image")])
    found = {name: registry.get_sample_value("cifar10_requests_shed_total", {"reason": name}) for name in SHED_CODES}
    assert found == {name: float(name == code) for name in SHED_CODES}


def test_requests_past_their_deadline_are_in_the_stage_histograms() -> None:
    registry = CollectorRegistry()
    ServingMetrics(registry).record([refused("deadline_exceeded", ("decode", 0.5), ("queue", 5.0))])
    assert registry.get_sample_value("cifar10_stage_duration_seconds_sum", {"stage": "decode"}) == 0.5
    assert registry.get_sample_value("cifar10_stage_duration_seconds_sum", {"stage": "queue"}) == 5.0


@pytest.mark.parametrize("code", ["body_timeout", "queue_full", "no_image"])
def test_other_refusals_are_not_in_the_stage_histograms(code: str) -> None:
    registry = CollectorRegistry()
    ServingMetrics(registry).record([refused(code, ("receive", 15.0))])
    counts = [registry.get_sample_value("cifar10_stage_duration_seconds_count", {"stage": name}) for name in STAGES]
    assert set(counts) == {0.0}


def test_the_stage_buckets_distinguish_seconds_from_half_a_second() -> None:
    assert max(STAGE_BUCKETS) >= 2.5
