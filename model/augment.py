"""Training-time augmentation on whole batches: mirror, shift, light, pixel noise, and a square blanked or swapped."""

from collections.abc import Iterator

import torch
from torch.nn import functional

from model.data import Split
from model.labels import CLASSES
from model.preprocess import SIZE, normalise

SHIFT = 4
"""Largest shift in pixels; the border is filled by reflection."""

LIGHT = 0.3
"""Contrast and saturation are multiplied by 0.7..1.3, each by a factor of its own."""

BRIGHTNESS = 20.0
"""Largest change of brightness (of 255)."""

NOISY_SHARE = 0.1
NOISE_SIGMA = 12.0
"""A tenth of the images get Gaussian pixel noise with a sigma drawn from 0..12 (of 255).

Trained on JPEG files alone, the network would have seen no high-frequency detail, and noise a person hardly
notices (sigma 8) would halve its accuracy.
"""

CUTOUT = 10
"""Side in pixels of the square that is blanked (DeVries & Taylor 2017, arXiv 1708.04552)."""

MIXED_SHARE = 0.5
"""Instead of that, half of the images get a square of another image, of any size, and a share of its label.

CutMix (Yun et al. 2019, arXiv 1905.04899): without it, a network of this size knows 99 % of the training images after
50 epochs, and has little to learn from further ones.
"""

Batch = tuple[torch.Tensor, torch.Tensor]


def batches(split: Split, batch_size: int, epoch: int, seed: int) -> Iterator[Batch]:
    """Yield shuffled, augmented batches: inputs ``[N, 3, 32, 32]`` and the shares of the classes ``[N, 10]``.

    The last, incomplete batch is dropped. Depends on ``(seed, epoch)`` only, so that a resumed run sees what an
    uninterrupted one would have seen.
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
    """Blank a square in some images, lay the next image's over a square of the others."""
    mixed = torch.rand(len(inputs), generator=generator) < MIXED_SHARE
    # The square's area is any share of the image's, its centre any pixel: what sticks out is cut off.
    side = (SIZE * torch.rand(len(inputs), generator=generator).sqrt()).round().long()
    top, left = torch.randint(0, SIZE, (2, len(inputs)), generator=generator) - side // 2
    swapped = _square(top, left, side) & mixed[:, None, None]
    top, left = torch.randint(0, SIZE - CUTOUT + 1, (2, len(inputs)), generator=generator)
    blank = _square(top, left, torch.tensor(CUTOUT)) & ~mixed[:, None, None]
    inputs = torch.where(swapped[:, None], inputs.roll(1, dims=0), inputs).masked_fill(blank[:, None], 0.0)
    share = swapped.float().mean(dim=(1, 2))[:, None]
    return inputs.contiguous(memory_format=torch.channels_last), torch.lerp(targets, targets.roll(1, dims=0), share)


def _square(top: torch.Tensor, left: torch.Tensor, side: torch.Tensor) -> torch.Tensor:
    """Masks ``[N, 32, 32]`` of squares, less what lies outside."""
    line = torch.arange(SIZE)
    rows, columns = (
        (line >= start[:, None]) & (line < (start + side)[:, None])  # one row of 32 an image
        for start in (top, left)
    )
    return rows[:, :, None] & columns[:, None, :]
