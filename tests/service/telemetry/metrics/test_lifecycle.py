"""Readiness as Prometheus sees it, against what /readyz answers, in every state."""

from pathlib import Path

import numpy as np
from flask import Flask
from numpy.typing import NDArray

from model.artifact import WEIGHTS
from service.app import Predictor, create_app
from service.lifecycle import CHECKS, State
from service.settings import Settings
from tests.service.answers import body
from tests.service.fakes import ColourEngine
from tests.shipped import flip_a_bit


class WrongEngine(ColourEngine):
    """Fake: takes everything for an airplane."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return super().predict(np.zeros_like(images))


def assert_metrics_agree_with_readyz(app: Flask) -> dict[str, bool]:
    """The checks, by name."""
    predictor: Predictor = app.extensions["predictor"]
    answer = app.test_client().get("/readyz")
    registry = predictor.metrics.registry
    assert registry.get_sample_value("cifar10_ready") == float(answer.status_code == 200)
    for state in State:
        told = registry.get_sample_value("cifar10_lifecycle_state", {"state": state})
        assert told == float(state == body(answer)["state"])
    checks = {name: check["passed"] for name, check in body(answer)["checks"].items()}
    assert checks.keys() == set(CHECKS)
    for name, passed in checks.items():
        assert registry.get_sample_value("cifar10_readiness_check", {"check": name}) == float(passed)
    return checks


def started(settings: Settings, engine: ColourEngine) -> Flask:
    """An app that is ready, or will never be."""
    app = create_app(settings, engine)
    app.extensions["predictor"].start().join()
    app.extensions["predictor"].batcher.close(20)
    return app


def test_while_it_loads(settings: Settings) -> None:
    checks = assert_metrics_agree_with_readyz(create_app(settings, ColourEngine()))
    assert [name for name, passed in checks.items() if passed] == ["not_draining"]


def test_while_it_warms_up(settings: Settings) -> None:
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


def test_when_it_is_ready(settings: Settings) -> None:
    assert all(assert_metrics_agree_with_readyz(started(settings, ColourEngine())).values())


def test_when_its_weights_are_damaged(settings: Settings) -> None:
    flip_a_bit(Path(settings.model_dir) / WEIGHTS)
    checks = assert_metrics_agree_with_readyz(started(settings, ColourEngine()))
    assert not checks["weights"]


def test_when_golden_images_are_not_recognised(settings: Settings) -> None:
    checks = assert_metrics_agree_with_readyz(started(settings, WrongEngine()))
    assert checks == {"weights": True, "warm_up": True, "golden_images": False, "not_draining": True}


def test_while_it_drains(app: Flask, predictor: Predictor) -> None:
    predictor.lifecycle.drain()
    checks = assert_metrics_agree_with_readyz(app)
    assert [name for name, passed in checks.items() if not passed] == ["not_draining"]


def test_the_model_is_told_once_it_is_loaded(settings: Settings) -> None:
    registry = create_app(settings, ColourEngine()).extensions["predictor"].metrics.registry
    assert registry.get_sample_value("cifar10_engine_threads") == 0
    registry = started(settings, ColourEngine()).extensions["predictor"].metrics.registry
    assert registry.get_sample_value("cifar10_engine_threads") == 1
    assert registry.get_sample_value("cifar10_model_loaded_timestamp_seconds") > 0
