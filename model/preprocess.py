"""Pixels to network input, for training; serving folds the same arithmetic into the first layer."""

import torch

SIZE = 32
"""Height and width in pixels of what the network sees."""

MEAN = (0.4914, 0.4822, 0.4465)
STD = (0.2470, 0.2435, 0.2616)
"""Mean and standard deviation of CIFAR-10's training pixels (RGB, on the 0..1 scale)."""


def channel_statistics() -> tuple[torch.Tensor, torch.Tensor]:
    """Mean and standard deviation on the 0..255 scale, each shaped ``[1, 3, 1, 1]``."""
    shape = (1, 3, 1, 1)
    return torch.tensor(MEAN).view(shape) * 255, torch.tensor(STD).view(shape) * 255


def normalise(pixels: torch.Tensor) -> torch.Tensor:
    """Scale pixels ``[N, 3, H, W]`` (0..255, any dtype) to zero mean and unit variance, float32, channels last."""
    mean, std = channel_statistics()
    return ((pixels.float() - mean) / std).contiguous(memory_format=torch.channels_last)
