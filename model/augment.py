"""Training-time augmentation of batches: flips, shifts, colour changes, pixel noise, Cutout and CutMix."""

from collections.abc import Iterator

import torch
from torch.nn import functional

from model.data import Split
from model.labels import CLASSES
from model.network import SIZE, normalise

SHIFT = 4
"""Largest shift in pixels; the border is filled by reflection."""

LIGHT = 0.3
"""Contrast and saturation are each multiplied by a random factor of 0.7..1.3."""

BRIGHTNESS = 20.0
"""Largest change of brightness (of 255)."""

NOISY_SHARE = 0.1
NOISE_SIGMA = 12.0
"""A tenth of the images get Gaussian pixel noise with a random sigma of 0..12 (of 255).

JPEG files have little high-frequency detail. Without this noise in training, barely visible noise (sigma 8) would halve
the accuracy.
"""

CUTOUT = 10
"""Side in pixels of the blanked square (Cutout: DeVries & Taylor 2017, arXiv 1708.04552)."""

MIXED_SHARE = 0.5
"""Share of the images that get CutMix instead: a square of another image, and the matching share of its label.

CutMix (Yun et al. 2019, arXiv 1905.04899) delays overfitting.
"""

Batch = tuple[torch.Tensor, torch.Tensor]


def batches(split: Split, batch_size: int, epoch: int, seed: int) -> Iterator[Batch]:
    """Yield shuffled, augmented batches: inputs ``[N, 3, 32, 32]`` and the shares of the classes ``[N, 10]``.

    An incomplete last batch is dropped. The batches depend on ``(seed, epoch)`` only, so a resumed run gets the same
    batches as an uninterrupted one.
    """
    generator = torch.Generator().manual_seed(seed * 10_007 + epoch)
    # Alternating flip: each image is mirrored in every second epoch; half of them start with the first epoch.
    starts_flipped = torch.rand(len(split), generator=torch.Generator().manual_seed(seed)) < 0.5
    flipped = starts_flipped ^ bool(epoch % 2)
    order = torch.randperm(len(split), generator=generator)
    for start in range(0, len(order) - batch_size + 1, batch_size):
        chosen = order[start : start + batch_size]
        pixels = torch.where(
            flipped[chosen, None, None, None], split.images[chosen].flip(-1), split.images[chosen]
        ).float()
        pixels = _noise(_light(_shift(pixels, generator), generator), generator)
        targets = functional.one_hot(split.labels[chosen], len(CLASSES)).float()
        yield _mix(normalise(pixels), targets, generator)


def _shift(pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    padded = functional.pad(pixels, (SHIFT,) * 4, mode="reflect")
    windows = padded.unfold(2, SIZE, 1).unfold(3, SIZE, 1)
    down, right = torch.randint(0, 2 * SHIFT + 1, (2, len(pixels)), generator=generator)
    return windows[torch.arange(len(pixels)), :, down, right]


def _light(pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    contrast, saturation, brightness = 2 * torch.rand(3, len(pixels), 1, 1, 1, generator=generator) - 1
    grey = pixels.mean(dim=1, keepdim=True)
    mean = grey.mean(dim=(2, 3), keepdim=True)
    pixels = grey + (1 + LIGHT * saturation) * (pixels - grey)
    pixels = mean + (1 + LIGHT * contrast) * (pixels - mean) + BRIGHTNESS * brightness
    return pixels.round().clamp(0, 255)


def _noise(pixels: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    noisy = (torch.rand(len(pixels), generator=generator) < NOISY_SHARE).nonzero().flatten()
    sigma = torch.rand(len(noisy), 1, 1, 1, generator=generator) * NOISE_SIGMA
    noise = torch.randn(pixels[noisy].shape, generator=generator) * sigma
    pixels[noisy] = (pixels[noisy] + noise).round().clamp(0, 255)
    return pixels


def _mix(inputs: torch.Tensor, targets: torch.Tensor, generator: torch.Generator) -> Batch:
    """Apply Cutout to some images and CutMix with the next image to the others."""
    mixed = torch.rand(len(inputs), generator=generator) < MIXED_SHARE
    # The share of the area is uniform, the centre is any pixel; the square is clipped at the border.
    side = (SIZE * torch.rand(len(inputs), generator=generator).sqrt()).round().long()
    top, left = torch.randint(0, SIZE, (2, len(inputs)), generator=generator) - side // 2
    swapped = _square(top, left, side) & mixed[:, None, None]
    top, left = torch.randint(0, SIZE - CUTOUT + 1, (2, len(inputs)), generator=generator)
    blank = _square(top, left, torch.tensor(CUTOUT)) & ~mixed[:, None, None]
    inputs = torch.where(swapped[:, None], inputs.roll(1, dims=0), inputs).masked_fill(blank[:, None], 0.0)
    share = swapped.float().mean(dim=(1, 2))[:, None]
    return inputs.contiguous(memory_format=torch.channels_last), torch.lerp(targets, targets.roll(1, dims=0), share)


def _square(top: torch.Tensor, left: torch.Tensor, side: torch.Tensor) -> torch.Tensor:
    """Masks ``[N, 32, 32]`` of squares, clipped at the border."""
    line = torch.arange(SIZE)
    rows, columns = (
        (line >= start[:, None]) & (line < (start + side)[:, None])  # [N, 32]
        for start in (top, left)
    )
    return rows[:, :, None] & columns[:, None, :]
