"""Drift: how images and answers are distributed over the bins that the validation images define.

Counters add up over replicas and survive restarts in PromQL, so the population stability index is computed there,
over any window, from these two families.
"""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from prometheus_client import CollectorRegistry, Counter, Gauge

from model.drift import FEATURES, QUANTILES, Reference

BINS = len(QUANTILES) + 1


class DriftMetrics:
    """Counts nothing before :meth:`loaded`, because the bins belong to the model."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._reference: Reference | None = None
        counter = Counter(
            "cifar10_feature_bin", "Images whose feature value is in the bin.", ["feature", "bin"], registry=registry
        )
        self._counters = {name: [counter.labels(name, each) for each in range(BINS)] for name in FEATURES}
        self._ratio = Gauge(
            "cifar10_feature_bin_reference_ratio",
            "Share of the validation images whose feature value is in the bin.",
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

    def count(self, features: Mapping[str, NDArray[np.float32]]) -> None:
        """Count the values ``[N]`` of each feature."""
        if self._reference is None:
            return
        for name, values in features.items():
            counts = self._reference.counts(name, values).tolist()
            for counter, found in zip(self._counters[name], counts, strict=True):
                if found:
                    counter.inc(found)
