"""How live pictures and answers are spread over the bins that the validation images define: drift, as counters.

Counters add up over replicas and survive restarts in PromQL, so the population stability index is computed there,
over any window, from these two families.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge

from model.features import FEATURES, OF_IMAGES, of_images
from model.reference import QUANTILES, Reference
from service.predictions import Prediction

BINS = len(QUANTILES) + 1


class FeatureMetrics:
    """Counts nothing before :meth:`loaded`: the bins belong to the model."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._reference: Reference | None = None
        counter = Counter(
            "cifar10_feature_bin", "Images whose feature fell into the bin.", ["feature", "bin"], registry=registry
        )
        self._counters = {name: [counter.labels(name, each) for each in range(BINS)] for name in FEATURES}
        self._ratio = Gauge(
            "cifar10_feature_bin_reference_ratio",
            "Share of the validation images that fell into the bin.",
            ["feature", "bin"],
            registry=registry,
        )
        for name in FEATURES:
            for each in range(BINS):
                self._ratio.labels(name, each)

    def loaded(self, reference: Reference) -> None:
        for name, ratios in reference.ratios.items():
            for each, ratio in enumerate(ratios):
                self._ratio.labels(name, each).set(ratio)
        self._reference = reference

    def observe(self, images: NDArray[np.uint8], predictions: Sequence[Prediction]) -> None:
        """Count the features of images ``[N, 32, 32, 3]`` and of their N predictions."""
        if self._reference is None:
            return
        of_pixels = of_images(images)
        for number, prediction in enumerate(predictions):
            for name in OF_IMAGES:
                self._count(name, float(of_pixels[name][number]))
            self._count("confidence", prediction.confidence)
            self._count("energy", prediction.energy)

    def _count(self, feature: str, value: float) -> None:
        assert self._reference is not None
        self._counters[feature][self._reference.bin_of(feature, value)].inc()
