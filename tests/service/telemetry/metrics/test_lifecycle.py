"""The readiness metrics agree with /readyz in every state; the queue and the loaded model."""

from pathlib import Path

import numpy as np
from flask import Flask
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry

from model.artifact import WEIGHTS
from service.app import Predictor, create_app
from service.inference.batcher import Batcher
from service.lifecycle import CHECKS, Lifecycle, State
from service.settings import Settings
from service.telemetry.metrics.lifecycle import LifecycleMetrics
from tests.service.fakes import ColourEngine
from tests.service.messages import body
from tests.service.scrape import value
from tests.shipped import flip_a_bit


class WrongEngine(ColourEngine):
    """Answers the same class for every image."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return super().predict(np.zeros_like(images))


def assert_metrics_agree_with_readyz(app: Flask) -> dict[str, bool]:
    """The checks, by name."""
    predictor: Predictor = app.extensions["predictor"]
    answer = app.test_client().get("/readyz")
    assert value(predictor, "cifar10_ready") == float(answer.status_code == 200)
    for state in State:
        shown = value(predictor, "cifar10_lifecycle_state", state=state)
        assert shown == float(state == body(answer)["state"])
    checks = {name: check["passed"] for name, check in body(answer)["checks"].items()}
    assert checks.keys() == set(CHECKS)
    for name, passed in checks.items():
        assert value(predictor, "cifar10_readiness_check", check=name) == float(passed)
    return checks


def started(settings: Settings, engine: ColourEngine) -> Flask:
    """An app whose model is loaded or has failed."""
    app = create_app(settings, engine)
    app.extensions["predictor"].start().join()
    app.extensions["predictor"].batcher.close(20)
    return app


def test_while_the_model_is_loading(settings: Settings) -> None:
    checks = assert_metrics_agree_with_readyz(create_app(settings, ColourEngine()))
    assert [name for name, passed in checks.items() if passed] == ["not_draining"]


def test_during_the_warm_up(settings: Settings) -> None:
    seen: list[dict[str, bool]] = []

    class Watched(ColourEngine):
        def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
            if app.extensions["predictor"].lifecycle.state is State.WARMING:
                seen.append(assert_metrics_agree_with_readyz(app))
            return super().predict(images)

    app = create_app(settings, Watched())
    app.extensions["predictor"].start().join()
    app.extensions["predictor"].stop()
    assert seen[0] == {"weights": True, "warm_up": False, "golden_images": False, "not_draining": True}


def test_when_the_server_is_ready(settings: Settings) -> None:
    assert all(assert_metrics_agree_with_readyz(started(settings, ColourEngine())).values())


def test_with_damaged_weights(settings: Settings) -> None:
    flip_a_bit(Path(settings.model_dir) / WEIGHTS)
    checks = assert_metrics_agree_with_readyz(started(settings, ColourEngine()))
    assert not checks["weights"]


def test_when_the_golden_images_fail(settings: Settings) -> None:
    checks = assert_metrics_agree_with_readyz(started(settings, WrongEngine()))
    assert checks == {"weights": True, "warm_up": True, "golden_images": False, "not_draining": True}


def test_while_the_server_drains(app: Flask, predictor: Predictor) -> None:
    predictor.lifecycle.drain()
    checks = assert_metrics_agree_with_readyz(app)
    assert [name for name, passed in checks.items() if not passed] == ["not_draining"]


def test_the_model_is_published_when_it_is_loaded(settings: Settings) -> None:
    loading = create_app(settings, ColourEngine()).extensions["predictor"]
    assert value(loading, "cifar10_engine_threads") == 0
    loaded = started(settings, ColourEngine()).extensions["predictor"]
    assert value(loaded, "cifar10_engine_threads") == 1
    assert (value(loaded, "cifar10_model_loaded_timestamp_seconds") or 0) > 0


def test_the_depth_of_the_queue_is_in_images() -> None:
    registry = CollectorRegistry()
    batcher = Batcher(lambda images: np.zeros((len(images), 10), np.float32), capacity=8, max_batch=4)
    LifecycleMetrics(registry, Lifecycle(), batcher)
    assert registry.get_sample_value("cifar10_queue_depth") == 0
    for _ in range(2):
        batcher.submit(np.zeros((3, 32, 32, 3), np.uint8), deadline=1e12)
    assert registry.get_sample_value("cifar10_queue_depth") == 6
    batcher.start()
    batcher.close(20)
    assert registry.get_sample_value("cifar10_queue_depth") == 0
    assert registry.get_sample_value("cifar10_queue_capacity") == 8
