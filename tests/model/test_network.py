"""The network's input normalisation, shape and initial weights."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from model.network import Network

pytestmark = pytest.mark.torch


def test_the_mean_colour_becomes_zero_and_one_deviation_one() -> None:
    import torch

    from model.network import channel_statistics, normalise

    mean, std = channel_statistics()
    torch.testing.assert_close(normalise(mean.expand(1, 3, 4, 4)), torch.zeros(1, 3, 4, 4))
    torch.testing.assert_close(normalise((mean + std).expand(1, 3, 4, 4)), torch.ones(1, 3, 4, 4))


def test_pixels_become_float32_with_channels_last() -> None:
    import torch

    from model.network import normalise

    inputs = normalise(torch.zeros(2, 3, 32, 32, dtype=torch.uint8))
    assert inputs.dtype == torch.float32
    assert inputs.is_contiguous(memory_format=torch.channels_last)


def test_images_become_ten_logits_in_float32(network: "Network") -> None:
    import torch

    inputs = torch.randn(2, 3, 32, 32)
    logits = network(inputs)
    assert (logits.shape, logits.dtype) == ((2, 10), torch.float32)
    assert network.classify(network.features(inputs).bfloat16()).dtype == torch.float32


def test_whitened_patches_have_no_correlation_and_unit_variance() -> None:
    import torch

    from model.network import Network, initialise

    torch.manual_seed(0)
    smooth = torch.nn.functional.avg_pool2d(torch.randn(100, 3, 34, 34), 3, stride=1) * 3
    network = Network()
    initialise(network, smooth)
    with torch.inference_mode():
        responses = network.whiten(smooth)[:, :12].transpose(0, 1).flatten(1)
    torch.testing.assert_close(responses @ responses.T / responses.shape[1], torch.eye(12), atol=0.05, rtol=0)
    assert not network.whiten.weight.requires_grad


def test_convolutions_start_as_the_identity_where_they_can() -> None:
    import torch

    from model.network import Network, initialise

    network = Network()
    initialise(network, torch.randn(20, 3, 32, 32))
    x = torch.randn(1, 24, 8, 8)
    torch.testing.assert_close(network.groups[0].conv1(x)[:, :24], x)  # type: ignore[operator]


def test_the_folded_form_has_biases_and_no_norms() -> None:
    from model.network import Network

    names = set(Network(folded=True).state_dict())
    assert {"groups.0.conv1.bias", "head.bias"} <= names
    assert not any("norm" in name for name in names)
