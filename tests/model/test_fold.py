"""The serving form computes the same as the training form."""

from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray

if TYPE_CHECKING:
    from model.network import Network

pytestmark = pytest.mark.torch


@pytest.mark.parametrize("temperature", [1.0, 0.02])
def test_folded_logits_are_the_unfolded_ones_over_the_temperature(
    network: "Network", images: NDArray[np.uint8], temperature: float
) -> None:
    import torch

    from model.fold import fold
    from model.train import predict

    pixels = torch.from_numpy(images).permute(0, 3, 1, 2)
    expected = predict(network, pixels) / temperature
    network.eval()
    folded = fold(network, temperature)(pixels.float())
    torch.testing.assert_close(folded, expected, atol=1e-3, rtol=1e-4)
    assert expected.std(dim=0).min() > 0


def test_folding_does_not_change_the_original_network(network: "Network") -> None:
    import torch

    from model.fold import fold

    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    fold(network, 0.5)
    torch.testing.assert_close(network.state_dict(), before, rtol=0, atol=0)
