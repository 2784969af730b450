"""Panels with a table row or a group of bars per series."""

from collections.abc import Mapping, Sequence

from grafana_foundation_sdk.builders import barchart, table
from grafana_foundation_sdk.builders.common import VizTooltipOptions
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.models.common import (
    SortOrder,
    TableCellBackgroundDisplayMode,
    TableCellHeight,
    TableColoredBackgroundCellOptions,
    TooltipDisplayMode,
    VisibilityMode,
)
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue

from dashboards.panels.described import described
from dashboards.panels.graphs import below

LEAST_WIDTH = 50
"""Minimum width of a column in pixels; with Grafana's default of 150, the last columns are not visible."""


def listing(
    title: str, description: str, *queries: Dataquery, columns: Mapping[str, str], join: str | None = None,
    alerts: Sequence[str] = (), absent: str = "nothing", widths: Mapping[str, int] | None = None,
) -> table.Panel:  # fmt: skip
    """A table with these ``columns``, from names in the data to titles, in this order.

    The rows of several queries are joined by the column ``join``. ``widths`` are in pixels; the other columns share the
    rest.
    """
    panel = (
        described(table.Panel(), title, description, "none", queries, alerts)
        .cell_height(TableCellHeight.SM)
        .show_header(True)
        .no_value(absent)
        .min_width(LEAST_WIDTH)
    )
    for name, width in (widths or {}).items():
        panel.override_by_name(name, [DynamicConfigValue("custom.width", width)])
    return panel.transformations([*([_joined(join)] if join else []), *_only(columns)])


def bars(
    title: str, description: str, unit: str, *queries: Dataquery, by: str, columns: Mapping[str, str],
    alerts: Sequence[str] = (),
) -> barchart.Panel:  # fmt: skip
    """A group of bars per value of the label ``by``, with a bar per query."""
    return (
        described(barchart.Panel(), title, description, unit, queries, alerts)
        .min(0)
        .x_field(by)
        .show_value(VisibilityMode.NEVER)
        .fill_opacity(80)
        .group_width(0.8)
        .legend(below())
        .tooltip(VizTooltipOptions().mode(TooltipDisplayMode.MULTI).sort(SortOrder.NONE))
        .transformations([_joined(by), *_only({by: by, **columns}), sorted_by(by)])
    )


def values(count: int) -> list[str]:
    """Grafana's names for the value columns of so many joined queries."""
    return [f"Value #{letter}" for letter in "ABCDEFGH"[:count]]


def sorted_by(column: str) -> DataTransformerConfig:
    return DataTransformerConfig("sortBy", options={"fields": {}, "sort": [{"field": column}]})


def coloured() -> TableColoredBackgroundCellOptions:
    """Cells with the colour of their value as background."""
    return TableColoredBackgroundCellOptions(mode=TableCellBackgroundDisplayMode.BASIC)


def _joined(by: str) -> DataTransformerConfig:
    return DataTransformerConfig("joinByField", options={"byField": by, "mode": "outer"})


def _only(columns: Mapping[str, str]) -> list[DataTransformerConfig]:
    """Selects, orders and renames columns."""
    order = {name: position for position, name in enumerate(columns)}
    names = {name: shown for name, shown in columns.items() if name != shown}
    return [
        DataTransformerConfig("filterFieldsByName", options={"include": {"names": [*columns]}}),
        DataTransformerConfig("organize", options={"excludeByName": {}, "indexByName": order, "renameByName": names}),
    ]
