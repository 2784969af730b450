"""What the model answers, how certain it is, and what feedback says about it."""

import collections
from collections.abc import Sequence
from functools import partial

import numpy as np
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from model.drift import Reference, of_answers, of_images
from service.telemetry.metrics.drift import DriftMetrics
from service.telemetry.observation import Observation

CONFIDENCE_BUCKETS = (0.3, 0.5, 0.7, 0.9, 0.95, 0.99)
ENTROPY_BUCKETS = (0.05, 0.1, 0.3, 1.0)
"""Nats; the maximum for ten classes is ln 10 = 2.303."""
NEGATIVE_ENERGY_BUCKETS = (3.0, 4.0, 5.0, 6.0, 8.0)
"""Log-sum-exp of the logits (Liu et al. 2020, arXiv 2010.03759). The energy itself is negative, and a histogram's sum
must not decrease."""
PIXEL_BUCKETS = (1 << 10, 1 << 14, 1 << 18, 1 << 22)
"""Pixels of the image as sent; CIFAR-10's own size is 1,024."""

LOW_CONFIDENCE = 0.5


class PredictionMetrics:
    """Classes, confidence, entropy, energy, drift, image sizes and feedback."""

    def __init__(self, registry: CollectorRegistry, classes: tuple[str, ...]) -> None:
        counter, gauge = partial(Counter, registry=registry), partial(Gauge, registry=registry)
        histogram = partial(Histogram, registry=registry)
        self._drift = DriftMetrics(registry)
        by_class = counter("cifar10_predictions", "Images classified, by predicted class.", ["predicted_class"])
        self._by_class = {name: by_class.labels(name) for name in classes}
        expected = gauge(
            "cifar10_reference_class_ratio", "Share of the validation images predicted as the class.",
            ["predicted_class"],
        )  # fmt: skip
        self._expected = {name: expected.labels(name) for name in classes}
        self._confidence = histogram(
            "cifar10_prediction_confidence_ratio", "Probability of the predicted class.", buckets=CONFIDENCE_BUCKETS
        )
        self._entropy = histogram(
            "cifar10_prediction_entropy_nats", "Entropy of the ten probabilities; 0 is certain.",
            buckets=ENTROPY_BUCKETS,
        )  # fmt: skip
        self._negative_energy = histogram(
            "cifar10_prediction_negative_energy", "Log-sum-exp of the logits; lower is less like the training data.",
            buckets=NEGATIVE_ENERGY_BUCKETS,
        )  # fmt: skip
        self._low = counter(
            "cifar10_low_confidence_predictions", "Predictions whose confidence is below the threshold."
        )
        threshold = "The threshold of cifar10_low_confidence_predictions_total."
        gauge("cifar10_low_confidence_threshold_ratio", threshold).set(LOW_CONFIDENCE)
        self._pixels = histogram(
            "cifar10_input_image_pixels", "Width times height of the images as they were sent.", buckets=PIXEL_BUCKETS
        )
        pairs = counter(
            "cifar10_feedback", "Feedback received, by predicted and true class.", ["predicted_class", "label"]
        )
        self._feedback = {(one, other): pairs.labels(one, other) for one in classes for other in classes}

    def loaded(self, reference: Reference) -> None:
        """Publish the distribution of the model's answers in validation."""
        for name, ratio in reference.classes.items():
            self._expected[name].set(ratio)
        self._drift.loaded(reference)

    def feedback(self, predicted_class: str, label: str) -> None:
        """Count one feedback; both must be classes."""
        self._feedback[predicted_class, label].inc()

    def record(self, observations: Sequence[Observation]) -> None:
        for size in [size for one in observations for size in one.sizes]:
            self._pixels.observe(size)
        classified = [one.classified for one in observations if one.classified]
        if not classified:
            return
        labels = collections.Counter(prediction.label for each in classified for prediction in each.predictions)
        for label, count in labels.items():
            self._by_class[label].inc(count)
        # One array for all requests: NumPy takes as long for one image as for twenty.
        scores = of_answers(np.concatenate([each.logits for each in classified]))
        for histogram, values in (
            (self._confidence, scores["confidence"]),
            (self._entropy, scores["entropy"]),
            (self._negative_energy, np.maximum(-scores["energy"], 0)),
        ):
            for value in values.tolist():
                histogram.observe(value)
        self._low.inc(int((scores["confidence"] < LOW_CONFIDENCE).sum()))
        self._drift.count({**of_images(np.concatenate([each.images for each in classified])), **scores})
