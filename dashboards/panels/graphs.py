"""Panels with time from left to right."""

from collections.abc import Sequence

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
from grafana_foundation_sdk.models.heatmap import HeatmapColorMode

from dashboards.colors import OFF, Steps, Words, colored_by, meaning, steps
from dashboards.panels.described import described


def graph(
    title: str, description: str, unit: str, *queries: Dataquery, limits: Steps | None = None,
    alerts: Sequence[str] = (), absent: str = "no data", from_zero: bool = True,
) -> timeseries.Panel:  # fmt: skip
    """Lines; each limit is a dashed one."""
    panel = (
        described(timeseries.Panel(), title, description, unit, queries, alerts)
        .line_width(1)
        .fill_opacity(10)
        .show_points(VisibilityMode.NEVER)
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.DESCENDING).hide_zeros(True))
        .legend(VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM))
        .color_scheme(colored_by("palette-classic-by-name"))
        .no_value(absent)
    )
    if from_zero:
        panel.min(0)
    if limits:
        dashed = GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
        panel.thresholds(steps(limits)).thresholds_style(dashed)
    return panel


def stacked(title: str, description: str, unit: str, *queries: Dataquery, absent: str = "no data") -> timeseries.Panel:
    """Areas upon each other: the parts of a whole."""
    panel = graph(title, description, unit, *queries, absent=absent)
    return panel.stacking(StackingConfig().mode(StackingMode.NORMAL)).fill_opacity(60).line_width(0)


def heat(title: str, description: str, unit: str, query: Dataquery) -> heatmap.Panel:
    """How a histogram's observations are spread, over time; the ``unit`` is the one of its buckets."""
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
    """A bar for each series, coloured and named by its value."""
    return (
        described(statetimeline.Panel(), title, description, "none", [query], alerts)
        .mappings(meaning(words, absent))
        .color_scheme(colored_by("thresholds"))
        .thresholds(steps([(None, OFF)]))
        .merge_values(True)
        .row_height(0.8)
        .show_value(VisibilityMode.AUTO)
        .legend(VizLegendOptions().display_mode(LegendDisplayMode.LIST).placement(LegendPlacement.BOTTOM))
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.SINGLE))
        .no_value(absent)
    )


def aside(*numbers: str) -> VizLegendOptions:
    """For many series: a legend beside the graph, with these numbers, the largest first."""
    legend = VizLegendOptions().display_mode(LegendDisplayMode.TABLE).placement(LegendPlacement.RIGHT).calcs([*numbers])
    return legend.sort_by({"max": "Max", "mean": "Mean", "lastNotNull": "Last *"}[numbers[0]]).sort_desc(True)
