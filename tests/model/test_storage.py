"""Stored and restored weights."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.network import Network

pytestmark = pytest.mark.torch


def test_only_the_3x3_filters_are_rounded(network: "Network") -> None:
    from model.fold import fold
    from model.storage import stored

    folded = fold(network, 1.0)
    weights = stored(folded)
    halves = {name for name, tensor in weights.items() if tensor.dtype == np.float16}
    assert halves == {name for name in weights if name.startswith("groups") and name.endswith("weight")}
    assert sum(tensor.nbytes for tensor in weights.values()) < 6.6e6
    np.testing.assert_array_equal(weights["whiten.weight"], folded.whiten.weight.detach().numpy())


def test_restored_weights_give_nearly_the_same_logits(network: "Network", images: NDArray[np.uint8]) -> None:
    from model.fold import fold
    from model.storage import reference_logits, restored, stored

    folded = fold(network, 0.02)
    exact, shipped = reference_logits(folded, images), reference_logits(restored(stored(folded)), images)
    np.testing.assert_allclose(shipped, exact, atol=0.01)
    assert (shipped != exact).any()


def test_a_missing_tensor_is_refused_by_name(network: "Network") -> None:
    from model.fold import fold
    from model.storage import restored, stored

    weights = stored(fold(network, 1.0))
    del weights["head.bias"]
    with pytest.raises(RuntimeError, match=r"head\.bias"):
        restored(weights)
