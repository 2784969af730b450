"""Drift: features of images and answers, and their distribution over the validation images.

Four quantiles divide the range of a feature into five bins. The shares of validation images in the bins are the
reference of the population stability index. The outer bins are narrow, because drift shows in the tails first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model.labels import CLASSES

OF_IMAGES = ("brightness", "contrast", "saturation", "sharpness")
OF_ANSWERS = ("confidence", "energy", "entropy")
FEATURES = OF_IMAGES + OF_ANSWERS

QUANTILES = (0.05, 0.25, 0.75, 0.95)

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in the luma (ITU-R BT.601)."""


def of_images(images: NDArray[np.uint8]) -> Mapping[str, NDArray[np.float32]]:
    """Features ``[N]`` of RGB images ``[N, H, W, 3]``, on the 0..255 scale.

    Brightness and contrast are the mean and the standard deviation of the luma, saturation is the mean difference
    between the largest and the smallest channel, sharpness the mean luma difference between neighbouring pixels.
    """
    # Separate planes, because NumPy is slow along an axis of three, and this runs for every classified image.
    red, green, blue = (np.ascontiguousarray(images[..., channel]) for channel in range(3))
    luma = red * _LUMA[0] + green * _LUMA[1] + blue * _LUMA[2]
    down, right = np.abs(luma[:, 1:] - luma[:, :-1]), np.abs(luma[:, :, 1:] - luma[:, :, :-1])
    spread = np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue)
    flat = luma.reshape(len(images), -1)
    return {
        "brightness": flat.mean(axis=1),
        "contrast": flat.std(axis=1),
        "saturation": spread.reshape(len(images), -1).mean(axis=1, dtype=np.float32),
        "sharpness": (down.mean(axis=(1, 2)) + right.mean(axis=(1, 2))) / 2,
    }


def of_answers(logits: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
    """Features ``[N]`` of logits ``[N, 10]``: the largest probability, the energy and the entropy in nats.

    The energy is the negative log-sum-exp of the logits (Liu et al. 2020, arXiv 2010.03759).
    """
    largest = logits.max(axis=1)
    powers = np.exp(logits - largest[:, None])
    sums = powers.sum(axis=1)
    logarithms = np.log(sums)
    mean = (powers * (logits - largest[:, None])).sum(axis=1) / sums
    return {"confidence": 1 / sums, "energy": -(largest + logarithms), "entropy": np.maximum(logarithms - mean, 0)}


@dataclass(frozen=True)
class Reference:
    """Bin edges (ascending) and the share of validation images in each bin, by feature; the shares sum to 1.

    ``classes`` is the share of validation images predicted as each class.
    """

    edges: Mapping[str, tuple[float, ...]]
    ratios: Mapping[str, tuple[float, ...]]
    classes: Mapping[str, float]

    @classmethod
    def measured(cls, images: NDArray[np.uint8], logits: NDArray[np.float32]) -> Self:
        """The reference of images ``[N, H, W, 3]`` and their logits ``[N, 10]``."""
        features = {**of_images(images), **of_answers(logits)}
        edges = {name: tuple(np.quantile(values, QUANTILES).tolist()) for name, values in features.items()}
        counts = {name: _counts(values, edges[name]) for name, values in features.items()}
        ratios = {name: tuple((each / len(images)).tolist()) for name, each in counts.items()}
        predicted = np.bincount(logits.argmax(axis=1), minlength=len(CLASSES)) / len(logits)
        return cls(edges, ratios, dict(zip(CLASSES, predicted.tolist(), strict=True)))

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """The inverse of :meth:`as_json`; raises ``KeyError``, ``TypeError`` or ``ValueError`` for malformed input."""
        edges = {name: tuple(map(float, raw["features"][name]["edges"])) for name in FEATURES}
        ratios = {name: tuple(map(float, raw["features"][name]["ratios"])) for name in FEATURES}
        for name in FEATURES:
            if len(edges[name]) != len(QUANTILES) or len(ratios[name]) != len(QUANTILES) + 1:
                raise ValueError(
                    f"the reference of {name} needs {len(QUANTILES)} edges and {len(QUANTILES) + 1} ratios"
                )
            if list(edges[name]) != sorted(edges[name]):
                raise ValueError(f"the edges of {name} are not in ascending order")
        return cls(edges, ratios, {name: float(raw["classes"][name]) for name in CLASSES})

    def as_json(self) -> dict[str, Any]:
        features = {name: {"edges": list(self.edges[name]), "ratios": list(self.ratios[name])} for name in self.edges}
        return {"features": features, "classes": dict(self.classes)}

    def counts(self, feature: str, values: NDArray[np.float32]) -> NDArray[np.intp]:
        """Number of values ``[N]`` in each bin; a value on an edge belongs to the upper bin."""
        return _counts(values, self.edges[feature])


def _counts(values: NDArray[np.float32], edges: tuple[float, ...]) -> NDArray[np.intp]:
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
