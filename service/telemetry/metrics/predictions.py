"""What the model answers and how sure it is."""

from collections.abc import Sequence

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from model.features import of_answers, of_images
from model.reference import Reference
from service.telemetry.metrics.features import FeatureMetrics
from service.telemetry.observation import Observation

CONFIDENCE_BUCKETS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99)
ENTROPY_BUCKETS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 1.5)
"""Nats; a uniform answer over ten classes has ln 10 = 2.303."""
ENERGY_BUCKETS = (-12.0, -9.0, -8.0, -7.0, -6.0, -5.0, -4.0, -3.0)
"""Negative log-sum-exp of the logits (Liu et al. 2020, arXiv 2010.03759): higher is less like the training data."""
PIXEL_BUCKETS = (1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22)
"""Pixels of the image as sent; 1,024 is CIFAR-10's own size."""

LOW_CONFIDENCE = 0.5


class PredictionMetrics:
    """Class mix, confidence, entropy, energy, drift, and the size of what was sent."""

    def __init__(self, registry: CollectorRegistry, classes: tuple[str, ...]) -> None:
        self._features = FeatureMetrics(registry)
        by_class = Counter(
            "cifar10_predictions", "Images classified, by predicted class.", ["predicted_class"], registry=registry
        )
        self._by_class = {name: by_class.labels(name) for name in classes}
        expected = Gauge(
            "cifar10_reference_class_ratio", "Share of the validation images predicted as the class.",
            ["predicted_class"], registry=registry,
        )  # fmt: skip
        self._expected = {name: expected.labels(name) for name in classes}
        self._scores = {
            "confidence": Histogram(
                "cifar10_prediction_confidence_ratio", "Probability of the predicted class.",
                buckets=CONFIDENCE_BUCKETS, registry=registry,
            ),
            "entropy": Histogram(
                "cifar10_prediction_entropy_nats", "Entropy of the ten probabilities; 0 is certain.",
                buckets=ENTROPY_BUCKETS, registry=registry,
            ),
            "energy": Histogram(
                "cifar10_prediction_energy", "Energy of the logits; higher is less like the training data.",
                buckets=ENERGY_BUCKETS, registry=registry,
            ),
        }  # fmt: skip
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

    def loaded(self, reference: Reference) -> None:
        """Publish what the model's answers looked like in validation."""
        for name, ratio in reference.classes.items():
            self._expected[name].set(ratio)
        self._features.loaded(reference)

    def record(self, observations: Sequence[Observation]) -> None:
        for one in observations:
            for size in one.sizes:
                self._pixels.observe(size)
        classified = [one.classified for one in observations if one.classified]
        if not classified:
            return
        for each in classified:
            for prediction in each.predictions:
                self._by_class[prediction.label].inc()
        # One array for all: NumPy takes as long for an image as for twenty.
        scores = of_answers(np.concatenate([each.logits for each in classified]))
        for name, histogram in self._scores.items():
            for value in scores[name].tolist():
                histogram.observe(value)
        self._low.inc(int((scores["confidence"] < LOW_CONFIDENCE).sum()))
        self._features.count({**of_images(np.concatenate([each.images for each in classified])), **scores})
