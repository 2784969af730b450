"""This server against whichever of the others is best at it."""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.bench.peers.figures import ratio
from tests.bench.peers.prose import paragraph, table

Run = Mapping[str, Any]
Rows = dict[str, Any]
"""Rows of the closed loop by contestant."""


def cells(run: Run) -> dict[tuple[str, int], Rows]:
    """By payload and number of clients."""
    found: dict[tuple[str, int], Rows] = {}
    for row in run["closed"]:
        found.setdefault((row["payload"], row["clients"]), {})[row["contestant"]] = row
    return found


def rates(row: Mapping[str, Any]) -> list[float]:
    """Requests a second, by round."""
    return [each["rate"] for each in row["rounds"]]


def beside(run: Run) -> Iterator[str]:
    """Markdown."""
    ours = [each for each in run["contestants"] if each["ours"]]
    others = [each["key"] for each in run["contestants"] if not each["ours"]]
    if not ours or not others:
        return
    yield from ["## Against the best of the others", ""]
    by_cell = cells(run)
    yield from table(
        ["", *(f"{payload}, {clients}" for payload, clients in by_cell)],
        [
            [f"{each['name']}: {what}", *(written(one(rows, each["key"], others)) for rows in by_cell.values())]
            for each in ours
            for what, one in (("requests/s", faster), ("p50", quicker("p50")), ("p99", quicker("p99")))
        ],
    )
    yield from paragraph(
        "The best is another one for each figure: more than 1 is good for requests a second, less than 1 for latency.",
        "Columns are the request and the number of clients.",
    )


def faster(rows: Rows, key: str, others: Sequence[str]) -> float | None:
    """Requests a second, by those of the other that has most."""
    best = max(others, key=lambda other: statistics.median(rates(rows[other])))
    return ratio(rates(rows[key]), rates(rows[best]))


def quicker(name: str) -> Any:
    """A latency, by the least of the others'."""

    def compare(rows: Rows, key: str, others: Sequence[str]) -> float | None:
        known = [rows[other][name] for other in others if rows[other][name]]
        mine = rows[key][name]
        return mine / min(known) if known and mine else None

    return compare


def written(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"
