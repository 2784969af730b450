import json

import numpy as np
import pytest

from model.features import FEATURES
from model.reference import QUANTILES, Reference


def measured() -> Reference:
    return Reference.measured({name: np.arange(1000, dtype=np.float32) for name in FEATURES})


def test_the_bins_hold_the_shares_between_the_quantiles() -> None:
    assert measured().ratios["brightness"] == pytest.approx((0.05, 0.2, 0.5, 0.2, 0.05), abs=0.001)


def test_shares_sum_to_one_also_when_many_values_are_equal() -> None:
    values = np.concatenate([np.zeros(500), np.ones(500)]).astype(np.float32)
    ratios = Reference.measured({"confidence": values}).ratios["confidence"]
    assert len(ratios) == len(QUANTILES) + 1
    assert sum(ratios) == pytest.approx(1)


def test_every_value_has_a_bin() -> None:
    reference = measured()
    assert reference.bin_of("brightness", -1e9) == 0
    assert reference.bin_of("brightness", 500) == 2
    assert reference.bin_of("brightness", 1e9) == 4


def test_live_values_like_the_reference_fall_into_the_bins_as_the_reference_did() -> None:
    reference = measured()
    bins = [reference.bin_of("brightness", value) for value in range(1000)]
    assert np.bincount(bins) / 1000 == pytest.approx(reference.ratios["brightness"])


@pytest.mark.parametrize("edges", [[1, 2, 3], [4, 3, 2, 1], [1, 2, 3, 4, 5]])
def test_a_card_whose_bins_make_no_sense_is_refused(edges: list[float]) -> None:
    with pytest.raises(ValueError, match="brightness"):
        Reference.parse({**measured().as_json(), "brightness": {"edges": edges, "ratios": [0.2] * 5}})


def test_it_survives_the_card() -> None:
    assert Reference.parse(json.loads(json.dumps(measured().as_json()))) == measured()
