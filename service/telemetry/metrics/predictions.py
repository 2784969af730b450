"""What the model answers and how sure it is."""

import collections
from collections.abc import Sequence

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge

from model.features import of_answers, of_images
from model.reference import Reference
from service.telemetry.metrics.features import FeatureMetrics
from service.telemetry.metrics.histogram import Histogram
from service.telemetry.observation import Observation

CONFIDENCE_BUCKETS = (0.3, 0.5, 0.7, 0.9, 0.95, 0.99)
ENTROPY_BUCKETS = (0.05, 0.1, 0.3, 1.0)
"""Nats; a uniform answer over ten classes has ln 10 = 2.303."""
NEGATIVE_ENERGY_BUCKETS = (3.0, 4.0, 5.0, 6.0, 8.0)
"""Log-sum-exp of the logits (Liu et al. 2020, arXiv 2010.03759). A histogram of the energy itself could have no sum, as
OpenMetrics wants sums to grow only."""
PIXEL_BUCKETS = (1 << 10, 1 << 14, 1 << 18, 1 << 22)
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
        self._confidence = Histogram(
            "cifar10_prediction_confidence_ratio", "Probability of the predicted class.",
            buckets=CONFIDENCE_BUCKETS, registry=registry,
        )  # fmt: skip
        self._entropy = Histogram(
            "cifar10_prediction_entropy_nats", "Entropy of the ten probabilities; 0 is certain.",
            buckets=ENTROPY_BUCKETS, registry=registry,
        )  # fmt: skip
        self._negative_energy = Histogram(
            "cifar10_prediction_negative_energy", "Log-sum-exp of the logits; lower is less like the training data.",
            buckets=NEGATIVE_ENERGY_BUCKETS, registry=registry,
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

    def loaded(self, reference: Reference) -> None:
        """Publish what the model's answers looked like in validation."""
        for name, ratio in reference.classes.items():
            self._expected[name].set(ratio)
        self._features.loaded(reference)

    def record(self, observations: Sequence[Observation]) -> None:
        self._pixels.observe_all([size for one in observations for size in one.sizes])
        classified = [one.classified for one in observations if one.classified]
        if not classified:
            return
        labels = collections.Counter(prediction.label for each in classified for prediction in each.predictions)
        for label, count in labels.items():
            self._by_class[label].inc(count)
        # One array for all: NumPy takes as long for an image as for twenty.
        scores = of_answers(np.concatenate([each.logits for each in classified]))
        self._confidence.observe_all(scores["confidence"].tolist())
        self._entropy.observe_all(scores["entropy"].tolist())
        self._negative_energy.observe_all(np.maximum(-scores["energy"], 0).tolist())
        self._low.inc(int((scores["confidence"] < LOW_CONFIDENCE).sum()))
        self._features.count({**of_images(np.concatenate([each.images for each in classified])), **scores})
