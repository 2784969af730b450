"""Each kind of panel shows what it is given, as its options say."""

import math
import re
from typing import Any

import pytest

from tests.e2e.prometheus import Series
from tests.pictures import colors
from tests.pictures.answered import MOMENTS, WINDOW, panel, series
from tests.pictures.kinds import barchart, bargauge, heatmap, stat, table, timeline, timeseries
from tests.pictures.panel import Mark, Panel

BELOW = {"legend": {"showLegend": True, "placement": "bottom", "displayMode": "list"}}
LIMIT = {"mode": "absolute", "steps": [{"value": None, "color": "green"}, {"value": 0.5, "color": "red"}]}
STAT = {"textMode": "auto"}


def config(**defaults: Any) -> dict[str, Any]:
    return {"defaults": defaults, "overrides": []}


def texts(markup: str) -> list[str]:
    return [found for found in re.findall(r">([^<>]+)<", markup) if found.strip()]


def test_a_graph_has_names_units_and_its_limit() -> None:
    custom = {"thresholdsStyle": {"mode": "dashed"}}
    json = {"options": BELOW, "fieldConfig": config(unit="percentunit", min=0, max=1, thresholds=LIMIT, custom=custom)}
    drawn = timeseries.drawn(panel(json, [series(0.1, 0.4, name="calm"), series(0.2, 0.9, name="late")]))
    assert {"calm", "late", "0%", "40%", "100%"} <= {*texts(drawn)}
    assert re.search(rf'stroke="{colors.NAMED["red"]}"[^>]*stroke-dasharray="10 8"', drawn)


def test_a_graph_hides_a_legend_that_is_not_shown() -> None:
    hidden = {"legend": {"showLegend": False, "placement": "bottom"}}
    drawn = timeseries.drawn(panel({"options": hidden, "fieldConfig": config()}, [series(1, 2, name="calm")]))
    assert "calm" not in texts(drawn)


def test_a_legend_beside_a_graph_has_numbers_the_largest_first() -> None:
    wanted = {"showLegend": True, "placement": "right", "calcs": ["max"], "sortBy": "Max", "sortDesc": True}
    json = {"options": {"legend": wanted}, "fieldConfig": config(unit="s")}
    said = texts(timeseries.drawn(panel(json, [series(1, 2, name="low"), series(3, 1, name="high")])))
    assert said[said.index("Max") :] == ["Max", "high", "3 s", "low", "2 s"]


def test_a_line_is_broken_where_values_are_missing() -> None:
    values = dict.fromkeys([MOMENTS[0], MOMENTS[1], MOMENTS[5], MOMENTS[6]], 1.0)
    gap = series(name="gap")._replace(values=values)
    drawn = timeseries.drawn(panel({"options": {}, "fieldConfig": config()}, [gap]))
    assert len(re.findall(r'<path [^>]*fill="none"', drawn)) == 2


def test_areas_are_stacked_upon_each_other() -> None:
    json = {"options": {}, "fieldConfig": config(min=0, custom={"stacking": {"mode": "normal"}, "fillOpacity": 60})}
    drawn = timeseries.drawn(panel(json, [series(4, 4, name="a"), series(4, 4, name="b")]))
    assert "8" in texts(drawn)


def test_a_mark_begins_with_a_line_and_lasts() -> None:
    json = {"options": {}, "fieldConfig": config()}
    marked = Panel({"targets": [{"refId": "A", "legendFormat": ""}], **json}, [[series(1, 2)]], WINDOW,
                   [Mark("red", MOMENTS[1:3]), Mark("blue", [MOMENTS[5]])], (), 400, 240)  # fmt: skip
    drawn = timeseries.drawn(marked)
    assert len(re.findall('stroke-dasharray="3 3"', drawn)) == 2
    assert len(re.findall('<rect [^>]*height="4"', drawn)) == 2


@pytest.mark.parametrize(("value", "color"), [(0.2, "green"), (0.5, "red"), (2, "red")])
def test_a_value_stands_on_the_colour_of_its_threshold(value: float, color: str) -> None:
    drawn = stat.drawn(panel({"options": STAT, "fieldConfig": config(thresholds=LIMIT)}, [series(value)]))
    assert f"background:{colors.NAMED[color]}" in drawn
    assert texts(drawn) == [f"{value:g}"]


@pytest.mark.parametrize(
    ("answer", "word", "color"),
    [
        ([series(0)], "none", colors.NAMED["red"]),
        ([series(math.nan)], "no traffic", "#6e7079"),
        ([], "no traffic", "#6e7079"),
    ],
)
def test_a_value_is_named_by_its_mapping(answer: list[Series], word: str, color: str) -> None:
    nothing = {"match": "null+nan", "result": {"text": "no traffic", "color": "#6e7079"}}
    mappings = [
        {"type": "value", "options": {"0": {"text": "none", "color": "red"}}},
        {"type": "special", "options": nothing},
    ]
    fields = config(thresholds=LIMIT, mappings=mappings, noValue="no traffic")
    drawn = stat.drawn(panel({"options": STAT, "fieldConfig": fields}, answer))
    assert texts(drawn) == [word]
    assert f"background:{color}" in drawn


def test_a_heatmap_shows_what_fell_between_two_bounds() -> None:
    buckets = [series(1, 1, le="0.1"), series(4, 1, le="+Inf"), series(3, 1, le="0.5")]
    found = heatmap.per_bucket(buckets)
    assert [*found] == [0.1, 0.5, math.inf]
    assert [values[MOMENTS[0]] for values in found.values()] == [1, 2, 1]


def test_a_heatmap_has_a_cell_for_each_bucket_that_something_fell_into() -> None:
    options = {
        "calculate": False, "filterValues": {"le": 1e-9}, "legend": {"show": False}, "yAxis": {"unit": "s"},
        "cellGap": 1,
    }  # fmt: skip
    buckets = [series(0, 1, 1, le="0.1"), series(0, 1, 3, le="+Inf")]
    drawn = heatmap.drawn(panel({"options": options, "fieldConfig": config()}, buckets))
    assert drawn.count("<rect") == 3
    assert {"100 ms", "∞"} <= {*texts(drawn)}


def test_a_timeline_merges_values_that_are_alike() -> None:
    words = {"0": {"text": "down", "color": "red"}, "1": {"text": "up", "color": "green"}}
    json = {
        "options": {**BELOW, "perPage": 20, "rowHeight": 0.8},
        "fieldConfig": config(mappings=[{"type": "value", "options": words}]),
    }
    drawn = timeline.drawn(panel(json, [series(1, 1, 1, 0, 0, 0, 1, name="pod")]))
    assert len(re.findall("<rect", drawn)) == 3
    assert "pod" in texts(drawn)
    assert {"up", "down"} <= {*texts(drawn)}


def test_a_table_has_a_colour_for_its_cells_and_room_for_all_columns() -> None:
    override = {
        "matcher": {"id": "byName", "options": "Value"},
        "properties": [{"id": "custom.cellOptions", "value": {"type": "color-background"}}],
    }
    fields = {"defaults": {"thresholds": LIMIT, "custom": {"minWidth": 50}}, "overrides": [override]}
    drawn = table.drawn(panel({"fieldConfig": fields}, [series(2, name="a", pod="b", state="c", reason="d")]))
    assert texts(drawn) == ["name", "pod", "reason", "state", "Value", "a", "b", "d", "c", "2"]
    assert f"background:{colors.NAMED['red']}" in drawn
    assert 'style="width:400px"' in drawn


def test_a_table_without_widths_is_wider_than_its_panel() -> None:
    """As in Grafana, where the last columns have to be scrolled to."""
    drawn = table.drawn(panel({"fieldConfig": config()}, [series(2, name="a", pod="b", state="c", reason="d")]))
    assert 'style="width:750px"' in drawn


def test_a_table_says_how_many_rows_it_has_no_room_for() -> None:
    rows = [series(1, name=f"row {number}") for number in range(20)]
    assert "14 more rows to scroll to" in table.drawn(panel({"fieldConfig": config()}, rows))


def test_bars_are_grouped_and_named() -> None:
    options = {**BELOW, "xField": "name", "groupWidth": 0.8, "barWidth": 0.9}
    join = {"id": "joinByField", "options": {"byField": "name", "mode": "outer"}}
    json = {"options": options, "fieldConfig": config(unit="percentunit", min=0), "transformations": [join]}
    answers = ([series(0.1, name="cat"), series(0.4, name="dog")], [series(0.2, name="cat")])
    drawn = barchart.drawn(panel(json, *answers))
    assert drawn.count("<rect") == 3
    assert {"cat", "dog", "Value #A", "Value #B", "40%"} <= {*texts(drawn)}


def test_gauges_are_as_long_as_their_values() -> None:
    json = {"options": {"orientation": "horizontal"}, "fieldConfig": config(min=0, max=1, thresholds=LIMIT)}
    drawn = bargauge.drawn(panel(json, [series(0.25, name="a"), series(0.5, name="b")]))
    widths = [float(width) for width in re.findall(rf'width="([\d.]+)" fill="(?!{colors.GROUND})', drawn)]
    assert widths[1] == pytest.approx(2 * widths[0], rel=0.01)
    assert texts(drawn) == ["a", "0.25", "b", "0.5"]
