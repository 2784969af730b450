"""Pixels to network input."""

import pytest

pytestmark = pytest.mark.torch


def test_the_mean_colour_becomes_zero_and_one_deviation_one() -> None:
    import torch

    from model.preprocess import channel_statistics, normalise

    mean, std = channel_statistics()
    torch.testing.assert_close(normalise(mean.expand(1, 3, 4, 4)), torch.zeros(1, 3, 4, 4))
    torch.testing.assert_close(normalise((mean + std).expand(1, 3, 4, 4)), torch.ones(1, 3, 4, 4))


def test_pixels_become_float32_with_channels_last() -> None:
    import torch

    from model.preprocess import normalise

    inputs = normalise(torch.zeros(2, 3, 32, 32, dtype=torch.uint8))
    assert inputs.dtype == torch.float32
    assert inputs.is_contiguous(memory_format=torch.channels_last)
