"""Tables from the answers to a panel's queries, by the transformations that the panel names."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from tests.e2e.prometheus import Series
from tests.pictures.panel import Panel

Cell = str | float


class Table(NamedTuple):
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Cell]]


Options = Mapping[str, Any]


def transformed(panel: Panel) -> Table:
    """One table; several queries have to be joined."""
    several = len(panel.answers) > 1
    letters = [target["refId"] for target in panel.json["targets"]]
    tables = [
        _table(answer, f"Value #{letter}" if several else "Value")
        for letter, answer in zip(letters, panel.answers, strict=True)
    ]
    for step in panel.json.get("transformations", []):
        if step["id"] not in STEPS:
            raise ValueError(f"unknown transformation: {step['id']}")
        tables = STEPS[step["id"]](tables, step["options"])
    (table,) = tables
    return table


def _table(answer: Sequence[Series], value: str) -> Table:
    labels = sorted({name for series in answer for name in series.labels})
    return Table([*labels, value], [{**series.labels, value: float(series.last)} for series in answer])


def _join(tables: list[Table], options: Options) -> list[Table]:
    """Rows with the same value become one; a column that two tables have is the first one's."""
    assert options["mode"] == "outer"
    by = options["byField"]
    rows: dict[Cell, dict[str, Cell]] = {}
    for table in tables:
        for row in table.rows:
            if by in row:
                found = rows.setdefault(row[by], {})
                found |= {name: cell for name, cell in row.items() if name not in found}
    return [Table([*dict.fromkeys(name for table in tables for name in table.columns)], [*rows.values()])]


def _only(tables: list[Table], options: Options) -> list[Table]:
    names = options["include"]["names"]
    return [
        Table(
            [name for name in table.columns if name in names],
            [{name: cell for name, cell in row.items() if name in names} for row in table.rows],
        )
        for table in tables
    ]


def _organized(tables: list[Table], options: Options) -> list[Table]:
    order, names, excluded = options["indexByName"], options["renameByName"], options["excludeByName"]
    found = []
    for table in tables:
        columns = sorted(table.columns, key=lambda name: order.get(name, len(order)))
        rows = [{names.get(name, name): cell for name, cell in row.items()} for row in table.rows]
        found.append(Table([names.get(name, name) for name in columns if not excluded.get(name)], rows))
    return found


def _sorted(tables: list[Table], options: Options) -> list[Table]:
    (by,) = options["sort"]

    def key(row: Mapping[str, Cell]) -> tuple[bool, float, str]:
        """Numbers before text, a missing cell last."""
        cell = row.get(by["field"], "")
        return (isinstance(cell, str), cell if isinstance(cell, float) else 0.0, str(cell))

    return [Table(table.columns, sorted(table.rows, key=key, reverse=by.get("desc", False))) for table in tables]


def _matrix(tables: list[Table], options: Options) -> list[Table]:
    (table,) = tables
    assert options["emptyValue"] == "zero"
    row_by, column_by, value = options["rowField"], options["columnField"], options["valueField"]
    corner = f"{row_by}\\{column_by}"
    columns = [*dict.fromkeys(str(row[column_by]) for row in table.rows)]
    rows: dict[Cell, dict[str, Cell]] = {}
    for row in table.rows:
        cells = rows.setdefault(row[row_by], {corner: row[row_by], **dict.fromkeys(columns, 0.0)})
        cells[str(row[column_by])] = row[value]
    return [Table([corner, *columns], [*rows.values()])]


STEPS: Mapping[str, Callable[[list[Table], Options], list[Table]]] = {
    "joinByField": _join,
    "filterFieldsByName": _only,
    "organize": _organized,
    "sortBy": _sorted,
    "groupingToMatrix": _matrix,
}
