"""Draws a dashboard with matplotlib: stat panels in the first row, then the graphs, three in a row.

Time series, bar gauges and heatmaps are drawn; panels of any other type are left out.
"""

import io
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure, SubFigure
from PIL import Image

from dashboards import queries
from dashboards.pictures import fields
from tests.e2e.prometheus import Series

Json = Mapping[str, Any]
Times = Sequence[float]
Answers = Sequence[tuple[str, Series]]
Ask = Callable[[Json], list[Series]]
"""Gives the answer to a target of a panel, or to an annotation."""

COLUMNS, WIDTH, DPI = 3, 15.0, 100
HEAD, STATS, ROW, FOOT = 0.6, 1.4, 2.9, 0.9
"""Heights in inches."""
GROUND, CARD, GRID, TEXT = "#111217", "#181b1f", "#2c3235", "#ccccdc"


def save(dashboard: Json, ask: Ask, times: Times, subtitle: str, caption: str, path: Path) -> None:
    """Write a PNG file; ``times`` are seconds since the epoch, one for each value of a range."""
    with matplotlib.rc_context({
        "font.size": 12, "figure.facecolor": GROUND, "axes.facecolor": CARD, "axes.edgecolor": GRID, "axes.grid": True,
        "grid.color": GRID, "text.color": TEXT, "xtick.color": TEXT, "ytick.color": TEXT, "axes.spines.top": False,
        "axes.spines.right": False, "legend.frameon": False, "legend.fontsize": 10, "legend.handlelength": 1,
        "axes.axisbelow": True, "legend.columnspacing": 1, "legend.handletextpad": 0.5, "xtick.labelsize": 11,
        "ytick.labelsize": 11, "figure.constrained_layout.w_pad": 0.1, "figure.constrained_layout.h_pad": 0.06,
    }):  # fmt: skip
        drawn = io.BytesIO()
        figure(dashboard, ask, times, subtitle, caption).savefig(drawn, dpi=DPI)
    with Image.open(drawn) as picture:
        picture.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(path, optimize=True)


def figure(dashboard: Json, ask: Ask, times: Times, subtitle: str, caption: str) -> Figure:
    panels = queries.panels(dashboard)
    stats = [panel for panel in panels if panel["type"] == "stat"]
    graphs = [panel for panel in panels if panel["type"] in GRAPHS]
    rows = math.ceil(len(graphs) / COLUMNS)
    left_out = ", ".join(panel["title"].replace("$", "") for panel in panels if panel not in stats + graphs)
    heights = [HEAD, STATS, *[ROW] * rows, FOOT]
    found = Figure(figsize=(WIDTH, sum(heights)), layout="constrained")
    head, tiles, *body, foot = found.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0]
    head.text(0.01, 0.5, f"{dashboard['title']}, {subtitle}", fontsize=18, weight="bold", va="center")
    foot.text(0.01, 0.5, f"{caption}\nPanels left out: {left_out}.", fontsize=11, va="center", linespacing=1.5)
    for axes, panel in zip(np.ravel(tiles.subplots(1, len(stats))), stats, strict=True):
        draw_stat(axes, panel, ask)
    critical = alerting(dashboard, ask)
    for row, numbers in zip(body, np.array_split(range(len(graphs)), rows), strict=True):
        for card, number in zip(row.subfigures(1, len(numbers), wspace=0.015, squeeze=False)[0], numbers, strict=True):
            card.set_facecolor(CARD)
            draw_graph(card, graphs[number], ask, times, critical)
    return found


def alerting(dashboard: Json, ask: Ask) -> list[float]:
    """The times at which a critical alert fires, by the dashboard's own annotation."""
    marks = [mark for mark in dashboard["annotations"]["list"] if mark["name"] == "Alerts"]
    return sorted({at for mark in marks for series in ask(mark) for at, value in series.values.items() if value})


def draw_stat(axes: Axes, panel: Json, ask: Ask) -> None:
    """The last value on the colour of its threshold."""
    value, color = panel["fieldConfig"]["defaults"].get("noValue", "no data"), "#6e7079"
    for target in panel["targets"]:
        for series in ask(target):
            if math.isfinite(series.last):
                value, color = fields.shown(series.last, panel)
                if panel["options"]["textMode"] == "name":
                    value = fields.name(panel, target["legendFormat"], series.labels)
    axes.set_title(panel["title"], loc="left", fontsize=10)
    axes.set(xticks=[], yticks=[], facecolor=color)
    axes.spines[:].set_visible(False)
    axes.text(0.5, 0.48, value, color="#111217", fontsize=21 if len(value) < 10 else 13, ha="center", va="center")


def draw_graph(card: SubFigure, panel: Json, ask: Ask, times: Times, critical: Times = ()) -> None:
    answers = [(fields.name(panel, target.get("legendFormat", ""), series.labels), series)
               for target in panel["targets"] for series in ask(target)]  # fmt: skip
    card.suptitle(panel["title"], x=0.02, ha="left", fontsize=13, weight="bold")
    axes = card.subplots()
    if not any(math.isfinite(value) for _, series in answers for value in series.values.values()):
        axes.set_axis_off()
        axes.text(0.5, 0.5, panel["fieldConfig"]["defaults"].get("noValue", "no data"), ha="center", fontsize=14)
        return
    GRAPHS[panel["type"]](card, axes, panel, answers, times)
    if panel["type"] == "timeseries":
        for at in critical:
            axes.axvspan(at - times[0], at - times[0] + times[1] - times[0], color=fields.color("red"), alpha=0.1, lw=0)


def draw_time_series(card: SubFigure, axes: Axes, panel: Json, answers: Answers, times: Times) -> None:
    """Lines, or stacked areas, with a dashed line for each threshold that the panel shows."""
    config = panel["fieldConfig"]["defaults"]
    custom = config["custom"]
    seconds = np.subtract(times, times[0])
    names = [name for name, _ in answers]
    colors = [fields.series_color(panel, name, number) for number, name in enumerate(names)]
    values = np.array([[series.values.get(at, math.nan) for at in times] for _, series in answers])
    if custom.get("stacking", {}).get("mode") == "normal":
        axes.stackplot(seconds, np.nan_to_num(values), labels=names, colors=colors, alpha=0.8)
    else:
        for name, color, line in zip(names, colors, values, strict=True):
            axes.plot(seconds, line, label=name, color=color, linewidth=2)
    if "thresholdsStyle" in custom:
        for step in config["thresholds"]["steps"][1:]:
            axes.axhline(step["value"], color=fields.color(step["color"]), linestyle="--", linewidth=1)
    axes.set_ylim(config.get("min"), config.get("max"))
    axes.set_xlim(0, seconds[-1])
    axes.xaxis.set_major_formatter("{x:g} s")
    axes.yaxis.set_major_formatter(lambda value, _: fields.text(value, config["unit"]))
    columns = int(card.bbox.width // (42 + 8 * max(map(len, names))))
    card.legend(loc="outside lower left", ncols=max(1, min(len(names), columns)))


def draw_bar_gauge(card: SubFigure, axes: Axes, panel: Json, answers: Answers, times: Times) -> None:
    """A bar for each series, in the colour of its threshold, cut at the panel's maximum."""
    shown = [fields.shown(series.last, panel) for _, series in answers]
    widest = panel["fieldConfig"]["defaults"].get("max", max(series.last for _, series in answers))
    lengths = [min(series.last, widest) for _, series in answers]
    bars = axes.barh([name for name, _ in answers], lengths, color=[color for _, color in shown])
    axes.bar_label(bars, [text for text, _ in shown], padding=4)
    axes.set_xlim(panel["fieldConfig"]["defaults"].get("min", 0), widest * 1.15)
    axes.invert_yaxis()
    axes.set_xticks([])
    axes.grid(visible=False)


def draw_heatmap(card: SubFigure, axes: Axes, panel: Json, answers: Answers, times: Times) -> None:
    """Observations by bucket and time; Prometheus' buckets are cumulative, the drawn ones are not."""
    ordered = sorted((series for _, series in answers), key=lambda series: float(series.labels["le"]))
    cumulative = np.array([[series.values.get(at, 0.0) for at in times] for series in ordered])
    counts = np.diff(cumulative, axis=0, prepend=0)
    edges = np.arange(len(times) + 1) * (times[1] - times[0])
    mesh = axes.pcolormesh(
        edges, np.arange(len(ordered) + 1), np.ma.masked_less(counts, 1e-9), norm=LogNorm(), cmap="YlOrBr_r"
    )
    bounds = [float(series.labels["le"]) for series in ordered]
    every = math.ceil(len(bounds) / 8)
    unit = panel["options"]["yAxis"]["unit"]
    axes.set_yticks(
        np.arange(len(bounds))[::every] + 0.5,
        [f"≤ {fields.text(bound, unit)}" if math.isfinite(bound) else "more" for bound in bounds[::every]],
    )
    axes.xaxis.set_major_formatter("{x:g} s")
    axes.grid(visible=False)
    card.colorbar(mesh, ax=axes, pad=0.02, format="{x:g}").ax.minorticks_off()


GRAPHS: Mapping[str, Callable[[SubFigure, Axes, Json, Answers, Times], None]] = {
    "timeseries": draw_time_series,
    "bargauge": draw_bar_gauge,
    "heatmap": draw_heatmap,
}
