"""Temperature scaling (Guo et al. 2017, arXiv 1706.04599) and the calibration error that it reduces."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating]
Labels = NDArray[np.int64]


def softmax(logits: Floats) -> NDArray[np.float64]:
    """Probabilities ``[N, classes]`` of logits ``[N, classes]``."""
    shifted = np.exp(logits.astype(np.float64) - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = shifted / shifted.sum(axis=1, keepdims=True)
    return probabilities


def negative_log_likelihood(probabilities: Floats, labels: Labels) -> float:
    """Mean of -ln(p), p being the probability of the true class."""
    return float(-np.log(np.maximum(probabilities[np.arange(len(labels)), labels], 1e-300)).mean())


def expected_calibration_error(probabilities: Floats, labels: Labels, bins: int = 15) -> float:
    """Mean of |confidence - accuracy| over ``bins`` equal ranges of confidence, weighted by their number of images."""
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    index = np.minimum((confidence * bins).astype(int), bins - 1)
    gaps = np.bincount(index, weights=confidence - right, minlength=bins)
    return float(np.abs(gaps).sum() / len(labels))


def fit_temperature(logits: Floats, labels: Labels) -> float:
    """The T of 0.01..100 that minimises the negative log likelihood of ``softmax(logits / T)``."""
    wide = logits.astype(np.float64)
    of_truth = wide[np.arange(len(labels)), labels].mean()
    low, high = -2.0, 2.0
    # The loss is convex in 1/T; its derivative is the mean expected logit minus the mean logit of the true class.
    for _ in range(60):
        middle = (low + high) / 2
        expected = (softmax(wide * 10**middle) * wide).sum(axis=1).mean()
        low, high = (low, middle) if expected > of_truth else (middle, high)
    return float(10 ** (-(low + high) / 2))


def cross_validated_error(logits: Floats, labels: Labels, folds: int = 5) -> float:
    """Calibration error if the temperature for each fold is fitted on the other folds."""
    fold = np.arange(len(labels)) % folds
    probabilities = np.empty(logits.shape)
    for held in range(folds):
        temperature = fit_temperature(logits[fold != held], labels[fold != held])
        probabilities[fold == held] = softmax(logits[fold == held] / temperature)
    return expected_calibration_error(probabilities, labels)
