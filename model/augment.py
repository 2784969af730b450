"""Training-time augmentation on whole batches: alternating flip, shift, pixel noise and cutout."""

from collections.abc import Iterator

import torch
from torch.nn import functional

from model.data import Split
from model.preprocess import SIZE, normalise

SHIFT = 4
"""Largest shift in pixels; the border is filled by reflection."""

CUTOUT = 10
"""Side in pixels of the square that is blanked (DeVries & Taylor 2017, arXiv 1708.04552)."""

NOISY_SHARE = 0.1
NOISE_SIGMA = 12.0
"""A tenth of the images get Gaussian pixel noise with a sigma drawn from 0..12 (of 255).

Trained on JPEG files alone, the network would have seen no high-frequency detail, and noise a person hardly
notices (sigma 8) would halve its accuracy.
"""


def batches(split: Split, batch_size: int, epoch: int, seed: int) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
    """Yield shuffled, augmented, normalised batches; the last, incomplete one is dropped.

    Depends on ``(seed, epoch)`` only, so that a resumed run sees what an uninterrupted one would have seen.
    """
    generator = torch.Generator().manual_seed(seed * 10_007 + epoch)
    # Alternating flip: each image is mirrored in every second epoch, half of them starting with the first.
    starts_flipped = torch.rand(len(split), generator=torch.Generator().manual_seed(seed)) < 0.5
    flipped = starts_flipped ^ bool(epoch % 2)
    order = torch.randperm(len(split), generator=generator)
    for start in range(0, len(order) - batch_size + 1, batch_size):
        chosen = order[start : start + batch_size]
        pixels = torch.where(
            flipped[chosen, None, None, None], split.images[chosen].flip(-1), split.images[chosen]
        ).float()
        pixels = _noise(_shift(pixels, generator), generator)
        yield _cutout(normalise(pixels), generator), split.labels[chosen]


def _shift(pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    padded = functional.pad(pixels, (SHIFT,) * 4, mode="reflect")
    windows = padded.unfold(2, SIZE, 1).unfold(3, SIZE, 1)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, len(pixels)), generator=generator)
    return windows[torch.arange(len(pixels)), :, down, right]


def _noise(pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    noisy = (torch.rand(len(pixels), generator=generator) < NOISY_SHARE).nonzero().flatten()
    sigma = torch.rand(len(noisy), 1, 1, 1, generator=generator) * NOISE_SIGMA
    noise = torch.randn(pixels[noisy].shape, generator=generator) * sigma
    pixels[noisy] = (pixels[noisy] + noise).round().clamp(0, 255)
    return pixels


def _cutout(inputs: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    top, left = torch.randint(0, SIZE - CUTOUT + 1, (2, len(inputs), 1), generator=generator)
    line = torch.arange(SIZE)
    rows = (line >= top) & (line < top + CUTOUT)
    columns = (line >= left) & (line < left + CUTOUT)
    blank = (rows[:, :, None] & columns[:, None, :])[:, None]
    return inputs.masked_fill(blank, 0.0).contiguous(memory_format=torch.channels_last)
