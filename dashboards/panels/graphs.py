"""Panels with time from left to right."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import heatmap, statetimeline, timeseries
from grafana_foundation_sdk.builders.common import (
    GraphThresholdsStyleConfig,
    StackingConfig,
    VizLegendOptions,
    VizTooltipOptions,
)
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    GraphThresholdsStyleMode,
    LegendDisplayMode,
    LegendPlacement,
    SortOrder,
    StackingMode,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from dashboards.colors import OFF, Steps, Words, colored_by, meaning, steps
from dashboards.panels.described import described


def graph(
    title: str, description: str, unit: str, *queries: Dataquery, limits: Steps | None = None,
    alerts: Sequence[str] = (), absent: str = "no data", from_zero: bool = True,
    colors: Mapping[str, str] | None = None,
) -> timeseries.Panel:  # fmt: skip
    """Lines; limits are dashed. ``colors`` are fixed colours by series name."""
    panel = (
        described(timeseries.Panel(), title, description, unit, queries, alerts)
        .line_width(1)
        .fill_opacity(10)
        .show_points(VisibilityMode.NEVER)
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING).hide_zeros(True))
        .legend(below())
        .color_scheme(colored_by("palette-classic"))
        .no_value(absent)
        .transformations(_without_prefix(queries))
    )
    for name, color in (colors or {}).items():
        panel.override_by_name(name, [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": color})])
    if from_zero:
        panel.min(0)
    if limits:
        dashed = GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        panel.thresholds(steps(limits)).thresholds_style(dashed)
    return panel


def stacked(
    title: str, description: str, unit: str, *queries: Dataquery, absent: str = "no data",
    colors: Mapping[str, str] | None = None,
) -> timeseries.Panel:  # fmt: skip
    """Stacked areas."""
    panel = graph(title, description, unit, *queries, absent=absent, colors=colors)
    return panel.stacking(StackingConfig().mode(StackingMode.NORMAL)).fill_opacity(60).line_width(0)


def heat(title: str, description: str, unit: str, query: Dataquery) -> heatmap.Panel:
    """The distribution of a histogram over time; ``unit`` is the unit of its buckets."""
    return (
        described(heatmap.Panel(), title, description, "short", [query], ())
        .calculate(False)
        .cell_gap(1)
        .color(heatmap.HeatmapColorOptions().mode(HeatmapColorMode.SCHEME).scheme("Oranges").steps(64))
        .y_axis(heatmap.YAxisConfig().unit(unit))
        .filter_values(heatmap.FilterValueRange().le(1e-9))
        .show_legend()
        .show_y_histogram()
        .exemplars_color("rgba(31, 96, 196, 0.9)")
    )


def timeline(
    title: str, description: str, query: Dataquery, words: Words, *, alerts: Sequence[str] = (), absent: str = "no data"
) -> statetimeline.Panel:
    """A bar per series, with the text and colour of its values."""
    return (
        described(statetimeline.Panel(), title, description, "none", [query], alerts)
        .mappings(meaning(words, absent))
        .color_scheme(colored_by("thresholds"))
        .thresholds(steps([(None, OFF)]))
        .merge_values(True)
        .row_height(0.8)
        .show_value(VisibilityMode.AUTO)
        .legend(below())
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.SINGLE))
        .no_value(absent)
        .transformations(_without_prefix([query]))
    )


def below() -> VizLegendOptions:
    """A legend below the graph, for few series."""
    return VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM)


def aside(*numbers: str) -> VizLegendOptions:
    """A legend beside the graph, for many series, sorted by the first of these numbers."""
    legend = VizLegendOptions().show_legend(True).display_mode(LegendDisplayMode.TABLE)
    legend.placement(LegendPlacement.RIGHT).calcs([*numbers])
    return legend.sort_by({"max": "Max", "mean": "Mean", "lastNotNull": "Last *"}[numbers[0]]).sort_desc(True)


def renamed(pattern: str, name: str) -> DataTransformerConfig:
    """Replaces the part of series names that matches the regular expression ``pattern`` with ``name``."""
    return DataTransformerConfig("renameByRegex", options={"regex": f"/{pattern}/", "renamePattern": name})


def _without_prefix(queries: Sequence[Dataquery]) -> list[DataTransformerConfig]:
    """Shortens pod names to their unique suffix, and removes the instance."""
    of_pods = any("{{pod}}" in (query.build().legend_format or "") for query in queries)
    return [renamed(r"^cifar10-deployment-(\S+)( \S+:\d+)?", "$1")] if of_pods else []
