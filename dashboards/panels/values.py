"""Panels with a single current value."""

from collections.abc import Sequence

from grafana_foundation_sdk.builders import bargauge, stat
from grafana_foundation_sdk.builders.common import ReduceDataOptions
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import BigValueColorMode, BigValueGraphMode, VizOrientation

from dashboards.colors import Steps, Words, colored_by, meaning, steps
from dashboards.panels.described import described


def stat_of(
    title: str, description: str, unit: str, query: Dataquery, limits: Steps, *, words: Words | None = None,
    alerts: Sequence[str] = (), absent: str = "no data",
) -> stat.Panel:  # fmt: skip
    """One value on a background of its colour; ``words`` replace numbers with texts."""
    return (
        described(stat.Panel(), title, description, unit, [query], alerts)
        .color_mode(BigValueColorMode.BACKGROUND)
        .graph_mode(BigValueGraphMode.NONE)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(steps(limits))
        .color_scheme(colored_by("thresholds"))
        .mappings(meaning(words or {}, absent))
        .no_value(absent)
    )


def gauges(
    title: str, description: str, unit: str, query: Dataquery, limits: Steps, *, alerts: Sequence[str] = ()
) -> bargauge.Panel:
    """A horizontal bar per series."""
    return (
        described(bargauge.Panel(), title, description, unit, [query], alerts)
        .orientation(VizOrientation.HORIZONTAL)
        .reduce_options(ReduceDataOptions().calcs(["lastNotNull"]))
        .thresholds(steps(limits))
        .color_scheme(colored_by("thresholds"))
        .min(0)
    )
