import gc
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifact import CARD, WEIGHTS
from model.labels import CLASSES
from service.errors import NotReady
from service.inference.model_loader import ModelLoader
from service.lifecycle import Lifecycle, State
from service.settings import Settings
from tests.service.fakes import ColourEngine
from tests.shipped import flip_a_bit


class WrongEngine(ColourEngine):
    """Answers the class after the right one."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        return np.roll(super().predict(images), 1, axis=1)


class BrokenEngine(ColourEngine):
    """Fails at every prediction."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        raise RuntimeError("no such instruction")


def load(settings: Settings, engine: ColourEngine) -> tuple[Lifecycle, list[str]]:
    lifecycle, loaded = Lifecycle(), []
    ModelLoader(settings, lifecycle, engine).run(lambda artifact, _, seconds: loaded.append(artifact.card.name))
    return lifecycle, loaded


def test_a_valid_model_becomes_ready_and_is_published_once(settings: Settings) -> None:
    lifecycle, loaded = load(settings, ColourEngine())
    assert lifecycle.ready
    assert loaded == ["colours"]


def test_damaged_weights_never_become_ready(settings: Settings) -> None:
    flip_a_bit(Path(settings.model_dir) / WEIGHTS)
    lifecycle, loaded = load(settings, ColourEngine())
    assert lifecycle.state is State.FAILED
    assert f"{WEIGHTS} is damaged" in lifecycle.checks()["weights"].detail
    assert loaded == []


def test_a_missing_artifact_never_becomes_ready(settings: Settings) -> None:
    lifecycle, _ = load(replace(settings, model_dir="/nowhere"), ColourEngine())
    assert lifecycle.state is State.FAILED
    assert "/nowhere/card.json" in lifecycle.checks()["weights"].detail


def test_an_engine_that_cannot_compute_fails_the_warm_up(settings: Settings) -> None:
    lifecycle, _ = load(settings, BrokenEngine())
    assert lifecycle.checks()["warm_up"].detail == "RuntimeError: no such instruction"


def test_an_engine_that_answers_wrongly_fails_the_golden_images(settings: Settings) -> None:
    lifecycle, _ = load(settings, WrongEngine())
    assert not lifecycle.ready
    assert lifecycle.checks()["warm_up"].passed
    assert "0 of 10 golden images right" in lifecycle.checks()["golden_images"].detail


def test_before_loading_predictions_fail_with_not_ready(settings: Settings) -> None:
    loader = ModelLoader(settings, Lifecycle())
    with pytest.raises(NotReady):
        loader.predict(np.zeros((1, 32, 32, 3), np.uint8))


@pytest.mark.parametrize(
    "change",
    [{"classes": CLASSES[::-1]}, {"classes": CLASSES[:9]}, {"input": {"size": 64}}],
    ids=["order", "number", "size"],
)
def test_a_model_with_other_classes_or_another_size_never_becomes_ready(
    settings: Settings, change: dict[str, object]
) -> None:
    rewrite_card(settings, change)
    lifecycle, loaded = load(settings, ColourEngine())
    assert (lifecycle.state, loaded) == (State.FAILED, [])
    assert "other classes" in str(lifecycle.checks())


def test_a_card_without_a_tolerance_for_the_engines_precision_fails_the_self_test(settings: Settings) -> None:
    rewrite_card(settings, {"golden": {"tolerance": {"bfloat16": 1e-3}}})
    lifecycle, _ = load(settings, ColourEngine())
    assert lifecycle.state == State.FAILED
    assert "no tolerance for the precision float32" in str(lifecycle.checks())


def rewrite_card(settings: Settings, change: dict[str, object]) -> None:
    path = Path(settings.model_dir) / CARD
    path.write_text(json.dumps(json.loads(path.read_text()) | change))


def test_loaded_objects_are_excluded_from_garbage_collection(settings: Settings) -> None:
    gc.unfreeze()
    try:
        load(settings, ColourEngine())
        assert gc.get_freeze_count() > 0
    finally:
        gc.unfreeze()
