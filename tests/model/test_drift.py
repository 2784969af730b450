import json

import numpy as np
import pytest

from model.drift import FEATURES, QUANTILES, Reference, of_answers, of_images
from model.labels import CLASSES


def flat(red: int, green: int, blue: int) -> np.ndarray:
    return np.full((1, 32, 32, 3), (red, green, blue), np.uint8)


def test_a_flat_grey_image_has_brightness_and_nothing_else() -> None:
    found = of_images(flat(100, 100, 100))
    assert found["brightness"][0] == pytest.approx(100, abs=0.01)
    for name in ("contrast", "saturation", "sharpness"):
        assert found[name][0] == pytest.approx(0, abs=0.01)


def test_the_saturation_is_the_distance_between_the_channels() -> None:
    assert of_images(flat(200, 50, 50))["saturation"][0] == 150


def test_stripes_are_sharper_than_a_slope_of_the_same_range() -> None:
    line = np.linspace(0, 255, 32).astype(np.uint8)
    slope = np.broadcast_to(line[None, None, :, None], (1, 32, 32, 3))
    stripes = np.broadcast_to(np.tile([0, 255], 16).astype(np.uint8)[None, None, :, None], (1, 32, 32, 3))
    assert of_images(stripes)["sharpness"][0] > 10 * of_images(slope)["sharpness"][0]


def test_predictions_have_a_confidence_an_energy_and_an_entropy() -> None:
    found = of_answers(np.array([[0.0] * 10, [20.0] + [0.0] * 9], np.float32))
    assert found["confidence"] == pytest.approx([0.1, 1.0], abs=1e-6)
    assert found["entropy"] == pytest.approx([np.log(10), 0.0], abs=1e-6)
    assert found["energy"] == pytest.approx([-np.log(10), -20.0], abs=1e-6)


def test_the_features_are_listed_in_order() -> None:
    logits = np.zeros((1, 10), np.float32)
    assert tuple({**of_images(flat(0, 0, 0)), **of_answers(logits)}) == FEATURES


def measured(count: int = 1000) -> Reference:
    """The reference of grey images of increasing brightness, all predicted as the third class."""
    levels = np.linspace(0, 255, count).astype(np.uint8)
    images = np.broadcast_to(levels[:, None, None, None], (count, 32, 32, 3))
    logits = np.tile(np.eye(10, dtype=np.float32)[2], (count, 1))
    return Reference.measured(images, logits)


def test_the_bins_contain_the_shares_between_the_quantiles() -> None:
    assert measured().ratios["brightness"] == pytest.approx((0.05, 0.2, 0.5, 0.2, 0.05), abs=0.01)


def test_shares_sum_to_one_also_when_all_values_are_equal() -> None:
    for feature in FEATURES:
        ratios = measured().ratios[feature]
        assert len(ratios) == len(QUANTILES) + 1
        assert sum(ratios) == pytest.approx(1)


def test_the_predicted_classes_have_their_shares() -> None:
    assert measured().classes == {name: float(name == CLASSES[2]) for name in CLASSES}


def test_every_value_has_a_bin() -> None:
    counts = measured().counts("brightness", np.array([-1e9, 127, 127, 1e9], np.float32))
    assert counts.tolist() == [1, 0, 2, 0, 1]


def test_values_distributed_like_the_reference_have_its_shares() -> None:
    reference = measured()
    counts = reference.counts("brightness", np.linspace(0, 255, 1000).astype(np.uint8).astype(np.float32))
    assert counts / 1000 == pytest.approx(reference.ratios["brightness"], abs=0.01)


@pytest.mark.parametrize("edges", [[1, 2, 3], [4, 3, 2, 1], [1, 2, 3, 4, 5]])
def test_malformed_bins_are_refused(edges: list[float]) -> None:
    raw = measured().as_json()
    raw["features"]["brightness"] = {"edges": edges, "ratios": [0.2] * 5}
    with pytest.raises(ValueError, match="brightness"):
        Reference.parse(raw)


def test_it_can_be_restored_from_json() -> None:
    assert Reference.parse(json.loads(json.dumps(measured().as_json()))) == measured()
