"""Numbers that tell whether pictures, or the model's answers to them, still look like they did in validation."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

OF_IMAGES = ("brightness", "contrast", "saturation", "sharpness")
OF_ANSWERS = ("confidence", "energy", "entropy")
FEATURES = OF_IMAGES + OF_ANSWERS

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in perceived brightness (ITU-R BT.601)."""


def of_images(images: NDArray[np.uint8]) -> Mapping[str, NDArray[np.float32]]:
    """Features ``[N]`` of RGB images ``[N, H, W, 3]``, on the 0..255 scale.

    Brightness and contrast are mean and standard deviation of the luma, saturation the mean distance between the
    strongest and the weakest channel, sharpness the mean step between neighbouring pixels.
    """
    # Planes, since NumPy is slow along an axis of three; this runs for every image that is classified.
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
