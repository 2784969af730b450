"""What the model answers and how sure it is."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from service.predictions import Prediction
from service.telemetry.metrics.features import FeatureMetrics

CONFIDENCE_BUCKETS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
ENTROPY_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5)
"""Nats; a uniform answer over ten classes has ln 10 = 2.303."""
ENERGY_BUCKETS = (-12.0, -9.0, -8.0, -7.0, -6.0, -5.0, -4.0, -3.0)
"""Negative log-sum-exp of the logits (Liu et al. 2020, arXiv 2010.03759): higher is less like the training data."""
PIXEL_BUCKETS = (1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22)
"""Pixels of the image as sent; 1,024 is CIFAR-10's own size."""

LOW_CONFIDENCE = 0.5


class PredictionMetrics:
    """Class mix, confidence, entropy, energy, and the size of what was sent."""

    def __init__(self, registry: CollectorRegistry, classes: tuple[str, ...]) -> None:
        self.features = FeatureMetrics(registry)
        by_class = Counter(
            "cifar10_predictions", "Images classified, by predicted class.", ["predicted_class"], registry=registry
        )
        self._by_class = {name: by_class.labels(name) for name in classes}
        self._confidence = Histogram(
            "cifar10_prediction_confidence_ratio", "Probability of the predicted class.",
            buckets=CONFIDENCE_BUCKETS, registry=registry,
        )  # fmt: skip
        self._entropy = Histogram(
            "cifar10_prediction_entropy_nats", "Entropy of the ten probabilities; 0 is certain.",
            buckets=ENTROPY_BUCKETS, registry=registry,
        )  # fmt: skip
        self._energy = Histogram(
            "cifar10_prediction_energy", "Energy of the logits; higher is less like the training data.",
            buckets=ENERGY_BUCKETS, registry=registry,
        )  # fmt: skip
        self._low = Counter(
            "cifar10_low_confidence_predictions", "Predictions less probable than the threshold.", registry=registry
        )
        Gauge(
            "cifar10_low_confidence_threshold_ratio", "That threshold.", registry=registry
        ).set(LOW_CONFIDENCE)  # fmt: skip
        self._pixels = Histogram(
            "cifar10_input_image_pixels", "Width times height of the images as they were sent.",
            buckets=PIXEL_BUCKETS, registry=registry,
        )  # fmt: skip

    def answered(self, images: NDArray[np.uint8], predictions: Sequence[Prediction]) -> None:
        """Count what was answered for images ``[N, 32, 32, 3]``."""
        for prediction in predictions:
            self._count(prediction)
        self.features.observe(images, predictions)

    def received(self, pixels: int) -> None:
        self._pixels.observe(pixels)

    def _count(self, prediction: Prediction) -> None:
        self._by_class[prediction.label].inc()
        self._confidence.observe(prediction.confidence)
        self._entropy.observe(prediction.entropy)
        self._energy.observe(prediction.energy)
        if prediction.confidence < LOW_CONFIDENCE:
            self._low.inc()
