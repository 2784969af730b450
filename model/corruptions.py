"""Eighteen deterministic image corruptions, to measure the model's robustness.

They are fewer than in CIFAR-10-C (Hendrycks & Dietterich 2019, arXiv 1903.12261), so the results are not comparable
with published ones. Every function takes and returns RGB images ``[N, H, W, 3]`` uint8.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Corruption:
    """One kind of corruption at one strength; ``apply`` is deterministic."""

    kind: str
    unit: str
    strength: float
    apply: Callable[[Images], Images]


def corruptions() -> Iterator[Corruption]:
    """Six kinds at three strengths, the weakest first."""
    kinds: list[tuple[str, str, tuple[float, ...], Callable[[Images, float], Images]]] = [
        ("gaussian noise", "sigma, of 255", (4, 8, 16), gaussian_noise),
        ("gaussian blur", "radius in pixels", (0.5, 1, 1.5), gaussian_blur),
        ("brightness", "factor", (0.7, 0.5, 0.3), brightness),
        ("contrast", "factor", (0.7, 0.5, 0.3), contrast),
        ("jpeg", "quality, 4:2:0", (50, 30, 10), jpeg),
        ("pixelate", "pixels a side", (24, 20, 16), pixelate),
    ]
    for kind, unit, strengths, damage in kinds:
        for strength in strengths:
            yield Corruption(kind, unit, strength, _bind(damage, strength))


def gaussian_noise(images: Images, sigma: float, seed: int = 0) -> Images:
    noise = np.random.default_rng(seed).standard_normal(images.shape, dtype=np.float32)
    return _pixels(images + sigma * noise)


def brightness(images: Images, factor: float) -> Images:
    return _pixels(images * np.float32(factor))


def contrast(images: Images, factor: float) -> Images:
    mean = images.mean(axis=(1, 2, 3), dtype=np.float32, keepdims=True)
    return _pixels(mean + (images - mean) * np.float32(factor))


def gaussian_blur(images: Images, radius: float) -> Images:
    return _each(images, lambda image: image.filter(ImageFilter.GaussianBlur(radius)))


def pixelate(images: Images, side: float) -> Images:
    small = (int(side), int(side))
    return _each(
        images,
        lambda image: image.resize(small, Image.Resampling.BOX).resize(image.size, Image.Resampling.NEAREST),
    )


def jpeg(images: Images, quality: float) -> Images:
    def round_trip(image: Image.Image) -> Image.Image:
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=int(quality), subsampling="4:2:0")
        return Image.open(buffer)

    return _each(images, round_trip)


def _bind(damage: Callable[[Images, float], Images], strength: float) -> Callable[[Images], Images]:
    return lambda images: damage(images, strength)


def _each(images: Images, change: Callable[[Image.Image], Image.Image]) -> Images:
    return np.stack([np.asarray(change(Image.fromarray(image))) for image in images])


def _pixels(values: NDArray[np.float32]) -> Images:
    return np.clip(np.rint(values), 0, 255).astype(np.uint8)
