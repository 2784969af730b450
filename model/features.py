"""Numbers that tell whether pictures, or the model's answers to them, still look like they did in validation."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

OF_IMAGES = ("brightness", "contrast", "saturation", "sharpness")
OF_ANSWERS = ("confidence", "energy")
FEATURES = OF_IMAGES + OF_ANSWERS

_LUMA = np.array([0.299, 0.587, 0.114], np.float32)
"""Weights of red, green and blue in perceived brightness (ITU-R BT.601)."""


def of_images(images: NDArray[np.uint8]) -> Mapping[str, NDArray[np.float32]]:
    """Features ``[N]`` of RGB images ``[N, H, W, 3]``, on the 0..255 scale.

    Brightness and contrast are mean and standard deviation of the luma, saturation the mean distance between the
    strongest and the weakest channel, sharpness the mean step between neighbouring pixels.
    """
    luma = images.astype(np.float32) @ _LUMA
    steps = np.abs(np.diff(luma, axis=1)).mean(axis=(1, 2)) + np.abs(np.diff(luma, axis=2)).mean(axis=(1, 2))
    return {
        "brightness": luma.mean(axis=(1, 2)),
        "contrast": luma.std(axis=(1, 2)),
        "saturation": (images.max(axis=3) - images.min(axis=3)).mean(axis=(1, 2), dtype=np.float32),
        "sharpness": steps / 2,
    }


def of_answers(logits: NDArray[np.float32]) -> Mapping[str, NDArray[np.float32]]:
    """Features ``[N]`` of logits ``[N, 10]``: the largest probability, and the energy (negative log-sum-exp)."""
    largest = logits.max(axis=1)
    sums = np.exp(logits - largest[:, None]).sum(axis=1)
    return {"confidence": 1 / sums, "energy": -(largest + np.log(sums))}
