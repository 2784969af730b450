"""What validation images and the answers to them look like: what live traffic is compared with.

Each feature's range is cut at four quantiles; the share of validation images in each of the five bins is the
reference of the population stability index. The outer bins are narrow, because drift shows in the tails first.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model.features import FEATURES, of_answers, of_images
from model.labels import CLASSES

QUANTILES = (0.05, 0.25, 0.75, 0.95)


@dataclass(frozen=True)
class Reference:
    """Bin edges (ascending) and the share of validation images in each bin, by feature; shares sum to 1.

    ``classes`` is the share of validation images that were predicted as each class.
    """

    edges: Mapping[str, tuple[float, ...]]
    ratios: Mapping[str, tuple[float, ...]]
    classes: Mapping[str, float]

    @classmethod
    def measured(cls, images: NDArray[np.uint8], logits: NDArray[np.float32]) -> Self:
        """Cut the features of images ``[N, H, W, 3]`` and of their logits ``[N, 10]`` at the quantiles, and count."""
        features = {**of_images(images), **of_answers(logits)}
        edges = {name: tuple(np.quantile(values, QUANTILES).tolist()) for name, values in features.items()}
        counts = {name: _counts(values, edges[name]) for name, values in features.items()}
        ratios = {name: tuple((each / len(images)).tolist()) for name, each in counts.items()}
        predicted = np.bincount(logits.argmax(axis=1), minlength=len(CLASSES)) / len(logits)
        return cls(edges, ratios, dict(zip(CLASSES, predicted.tolist(), strict=True)))

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """From :meth:`as_json`; raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        edges = {name: tuple(map(float, raw["features"][name]["edges"])) for name in FEATURES}
        ratios = {name: tuple(map(float, raw["features"][name]["ratios"])) for name in FEATURES}
        for name in FEATURES:
            if len(edges[name]) != len(QUANTILES) or len(ratios[name]) != len(QUANTILES) + 1:
                raise ValueError(f"the reference of {name} has not {len(QUANTILES)} edges and one ratio more")
            if list(edges[name]) != sorted(edges[name]):
                raise ValueError(f"the edges of {name} do not ascend")
        return cls(edges, ratios, {name: float(raw["classes"][name]) for name in CLASSES})

    def as_json(self) -> dict[str, Any]:
        features = {name: {"edges": list(self.edges[name]), "ratios": list(self.ratios[name])} for name in self.edges}
        return {"features": features, "classes": dict(self.classes)}

    def counts(self, feature: str, values: NDArray[np.float32]) -> NDArray[np.intp]:
        """How many of the values ``[N]`` fall into each bin; one on an edge belongs to the upper bin."""
        return _counts(values, self.edges[feature])


def _counts(values: NDArray[np.float32], edges: tuple[float, ...]) -> NDArray[np.intp]:
    return np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
