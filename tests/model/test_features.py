import numpy as np
import pytest

from model.features import FEATURES, of_answers, of_images


def flat(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((1, 32, 32, 3), (red, green, blue), np.uint8)


def test_a_flat_grey_image_has_brightness_and_nothing_else() -> None:
    found = of_images(flat(100, 100, 100))
    assert found["brightness"][0] == pytest.approx(100, abs=0.01)
    for name in ("contrast", "saturation", "sharpness"):
        assert found[name][0] == pytest.approx(0, abs=0.01)


def test_colour_is_saturation() -> None:
    assert of_images(flat(200, 50, 50))["saturation"][0] == 150


def test_stripes_are_sharper_than_a_slope_of_the_same_range() -> None:
    line = np.linspace(0, 255, 32).astype(np.uint8)
    slope = np.broadcast_to(line[None, None, :, None], (1, 32, 32, 3))
    stripes = np.broadcast_to(np.tile([0, 255], 16).astype(np.uint8)[None, None, :, None], (1, 32, 32, 3))
    assert of_images(stripes)["sharpness"][0] > 10 * of_images(slope)["sharpness"][0]


def test_answers_are_scored_by_their_largest_probability_their_energy_and_their_entropy() -> None:
    found = of_answers(np.array([[0.0] * 10, [20.0] + [0.0] * 9], np.float32))
    assert found["confidence"] == pytest.approx([0.1, 1.0], abs=1e-6)
    assert found["entropy"] == pytest.approx([np.log(10), 0.0], abs=1e-6)
    assert found["energy"] == pytest.approx([-np.log(10), -20.0], abs=1e-6)


def test_every_feature_is_named() -> None:
    logits = np.zeros((1, 10), np.float32)
    assert tuple({**of_images(flat(0, 0, 0)), **of_answers(logits)}) == FEATURES
