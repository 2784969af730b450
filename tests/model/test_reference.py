import json

import numpy as np
import pytest

from model.features import FEATURES
from model.labels import CLASSES
from model.reference import QUANTILES, Reference


def measured(count: int = 1000) -> Reference:
    """Of flat grey images, ever brighter, all of whose answers are the third class."""
    levels = np.linspace(0, 255, count).astype(np.uint8)
    images = np.broadcast_to(levels[:, None, None, None], (count, 32, 32, 3))
    logits = np.tile(np.eye(10, dtype=np.float32)[2], (count, 1))
    return Reference.measured(images, logits)


def test_the_bins_hold_the_shares_between_the_quantiles() -> None:
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


def test_live_values_like_the_reference_fall_into_the_bins_as_the_reference_did() -> None:
    reference = measured()
    counts = reference.counts("brightness", np.linspace(0, 255, 1000).astype(np.uint8).astype(np.float32))
    assert counts / 1000 == pytest.approx(reference.ratios["brightness"], abs=0.01)


@pytest.mark.parametrize("edges", [[1, 2, 3], [4, 3, 2, 1], [1, 2, 3, 4, 5]])
def test_a_card_whose_bins_make_no_sense_is_refused(edges: list[float]) -> None:
    raw = measured().as_json()
    raw["features"]["brightness"] = {"edges": edges, "ratios": [0.2] * 5}
    with pytest.raises(ValueError, match="brightness"):
        Reference.parse(raw)


def test_it_survives_the_card() -> None:
    assert Reference.parse(json.loads(json.dumps(measured().as_json()))) == measured()
