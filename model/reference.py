"""How the features are spread over the validation images: what live traffic is compared with.

Each feature's range is cut at four quantiles; the share of validation images in each of the five bins is the
reference of the population stability index. The outer bins are narrow, because drift shows in the tails first.
"""

from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from model.features import FEATURES

QUANTILES = (0.05, 0.25, 0.75, 0.95)


@dataclass(frozen=True)
class Reference:
    """Bin edges (ascending) and the share of validation images in each bin, by feature; shares sum to 1."""

    edges: Mapping[str, tuple[float, ...]]
    ratios: Mapping[str, tuple[float, ...]]

    @classmethod
    def measured(cls, features: Mapping[str, NDArray[np.float32]]) -> Self:
        """Cut at the quantiles of the features' values ``[N]`` and count."""
        edges = {name: tuple(np.quantile(values, QUANTILES).tolist()) for name, values in features.items()}
        return cls(edges, {name: _shares(values, edges[name]) for name, values in features.items()})

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """From :meth:`as_json`; raises ``KeyError``, ``TypeError`` or ``ValueError`` for anything else."""
        edges = {name: tuple(map(float, raw[name]["edges"])) for name in FEATURES}
        ratios = {name: tuple(map(float, raw[name]["ratios"])) for name in FEATURES}
        for name in FEATURES:
            if len(edges[name]) != len(QUANTILES) or len(ratios[name]) != len(QUANTILES) + 1:
                raise ValueError(f"the reference of {name} has not {len(QUANTILES)} edges and one ratio more")
            if list(edges[name]) != sorted(edges[name]):
                raise ValueError(f"the edges of {name} do not ascend")
        return cls(edges, ratios)

    def as_json(self) -> dict[str, Any]:
        return {name: {"edges": list(self.edges[name]), "ratios": list(self.ratios[name])} for name in self.edges}

    def bin_of(self, feature: str, value: float) -> int:
        """Index of the bin that holds the value; a value on an edge belongs to the upper bin."""
        return bisect_right(self.edges[feature], value)


def _shares(values: NDArray[np.float32], edges: tuple[float, ...]) -> tuple[float, ...]:
    counts = np.bincount(np.searchsorted(edges, values, side="right"), minlength=len(edges) + 1)
    return tuple(float(count) / len(values) for count in counts)
