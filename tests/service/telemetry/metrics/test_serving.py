import io

import numpy as np
import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from service.app import Predictor
from service.batching import Batcher
from service.telemetry.metrics.serving import SHED_CODES, STAGE_BUCKETS, ServingMetrics
from service.telemetry.observation import Observation, Refusal
from service.telemetry.stages import STAGES, Stages
from service.telemetry.trace_context import continued
from tests.service.pictures import plain

IMAGES = np.zeros((3, 32, 32, 3), np.uint8)
NEVER = 1e12


def batcher() -> Batcher:
    return Batcher(lambda images: np.zeros((len(images), 10), np.float32), capacity=8, max_batch=4)


def refused(code: str, *stages: tuple[str, float]) -> Observation:
    seen = Observation("id", continued(None), Stages(), "POST", "/predict", "/predict", None)
    seen.refusal = Refusal(code, "")
    for name, seconds in stages:
        seen.stages.record(name, 0.0, seconds)
    return seen


def test_the_queues_depth_is_counted_in_images_and_falls_again() -> None:
    registry, queue = CollectorRegistry(), batcher()
    ServingMetrics(registry, queue)
    assert registry.get_sample_value("cifar10_queue_depth") == 0
    for _ in range(2):
        queue.submit(IMAGES, NEVER)
    assert registry.get_sample_value("cifar10_queue_depth") == 6
    queue.start()
    queue.close(20)
    assert registry.get_sample_value("cifar10_queue_depth") == 0
    assert registry.get_sample_value("cifar10_queue_capacity") == 8


def test_a_batchs_size_is_counted_in_images(client: FlaskClient, predictor: Predictor) -> None:
    files = [(io.BytesIO(plain(label)), "x.png") for label in ("cat", "dog", "cat")]
    client.post("/predict", data={"file": files})
    client.post("/predict", data=plain("cat"))
    registry = predictor.metrics.registry
    assert registry.get_sample_value("cifar10_batch_size_count") == 2
    assert registry.get_sample_value("cifar10_batch_size_sum") == 4
    assert registry.get_sample_value("cifar10_batch_size_bucket", {"le": "1.0"}) == 1


@pytest.mark.parametrize("code", SHED_CODES)
def test_what_is_turned_away_for_the_servers_sake_is_counted_by_reason(code: str) -> None:
    registry = CollectorRegistry()
    ServingMetrics(registry, batcher()).record([refused(code), refused("no_image")])
    found = {name: registry.get_sample_value("cifar10_requests_shed_total", {"reason": name}) for name in SHED_CODES}
    assert found == {name: float(name == code) for name in SHED_CODES}


def test_what_came_too_late_is_in_the_stages_with_its_time_in_the_queue() -> None:
    registry = CollectorRegistry()
    ServingMetrics(registry, batcher()).record([refused("deadline_exceeded", ("decode", 0.5), ("queue", 5.0))])
    assert registry.get_sample_value("cifar10_stage_duration_seconds_sum", {"stage": "decode"}) == 0.5
    assert registry.get_sample_value("cifar10_stage_duration_seconds_sum", {"stage": "queue"}) == 5.0


@pytest.mark.parametrize("code", ["body_timeout", "queue_full", "no_image"])
def test_other_refusals_are_not_for_they_would_hide_what_predictions_take(code: str) -> None:
    registry = CollectorRegistry()
    ServingMetrics(registry, batcher()).record([refused(code, ("receive", 15.0))])
    counts = [registry.get_sample_value("cifar10_stage_duration_seconds_count", {"stage": name}) for name in STAGES]
    assert set(counts) == {0.0}


def test_a_stage_of_seconds_is_told_from_one_of_half_a_second() -> None:
    assert max(STAGE_BUCKETS) >= 2.5
