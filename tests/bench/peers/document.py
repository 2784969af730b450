"""A run as a page: docs/performance.md is this, of docs/performance.json."""

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.peers.beside import beside, cells, rates, written
from tests.bench.peers.contestants import BASELINE
from tests.bench.peers.figures import ratio
from tests.bench.peers.limited import limited
from tests.bench.peers.method import method
from tests.bench.peers.prose import paragraph, table

Run = Mapping[str, Any]

PAYLOADS = {
    "png": "a PNG of 32x32",
    "jpeg": "a JPEG of 512x512",
    "eight": "eight PNGs of 32x32 in one request",
}
QUIET = 0.05
"""Share of the cores that a machine needs which has nothing else to do."""


def document(run: Run) -> str:
    """Markdown."""
    parts = (_head, _summary, beside, _closed, _open, _starts, limited, method)
    return "\n".join(line for part in parts for line in part(run))


def _names(run: Run) -> dict[str, str]:
    return {each["key"]: each["name"] for each in run["contestants"]}


def _head(run: Run) -> Iterator[str]:
    machine = run["machine"]
    libraries = ", ".join(f"{name} {version}" for name, version in run["versions"].items())
    yield from ["# Performance", ""]
    yield from paragraph(
        "This server beside others that serve the same network on the same cores, in one run of `make bench`, which",
        "wrote this page. Ratios within the run are the result; requests a second and milliseconds are this machine's.",
    )
    yield from paragraph(
        f"{run['when']}; {machine['cpu']}, {machine['cores']} cores for servers and clients together; {libraries}.",
        f"Load average before: {run['load_before']}; other processes and other machines of the host took",
        f"{run['others_share']:.0%} of the cores meanwhile"
        + (", so **the machine was not quiet**." if run["others_share"] > QUIET else "."),
    )
    yield from ["![Requests a second, and latency as the rate grows](performance.svg)", ""]
    for key, reason in run["skipped"].items():
        yield from paragraph(f"Left out: {key}, as {reason}.")


def _summary(run: Run) -> Iterator[str]:
    names, by_cell = _names(run), cells(run)
    if BASELINE not in names:
        return
    yield from [f"## Requests a second, where {names[BASELINE]} makes 1", ""]
    yield from table(
        ["", *(f"{payload}, {clients}" for payload, clients in by_cell)],
        [
            [names[key], *(written(ratio(rates(rows[key]), rates(rows[BASELINE]))) for rows in by_cell.values())]
            for key in names
        ],
    )
    yield from paragraph(
        f"Columns are the request and the number of clients; {'; '.join(f'{k} is {v}' for k, v in PAYLOADS.items())}.",
        f"Medians of {run['rounds']} rounds, in which each is divided by the baseline of its own round.",
    )


def _closed(run: Run) -> Iterator[str]:
    names = _names(run)
    yield from ["## Closed loop", ""]
    yield from paragraph(
        "Each client sends as soon as it has been answered. Latency in ms, of all rounds together; CPU is what all the",
        "server's processes spent for an answer, in ms. This server refuses with 429 what its queue has no room for,",
        "and a client that was refused asks again at once, which costs processor time as well; the others let all of",
        "it wait.",
    )
    for (payload, clients), rows in cells(run).items():
        yield from [f"### {clients} {'client' if clients == 1 else 'clients'}, {PAYLOADS[payload]}", ""]
        yield from table(
            ["", "requests/s", "images/s", "p50", "p99", "p99.9", "refused", "lost", "CPU"],
            [[names[key], *_figures(row)] for key, row in rows.items()],
        )


def _figures(row: Mapping[str, Any]) -> Iterator[str]:
    rate = statistics.median(rates(row))
    yield f"{rate:.0f}"
    yield f"{rate * row['images']:.0f}"
    for name in ("p50", "p99", "p999"):
        yield _ms(row[name])
    for name in ("refused", "errors"):
        yield str(sum(each[name] for each in row["rounds"]))
    yield f"{statistics.median(each['cpu_ms'] for each in row['rounds']):.2f}"


def _open(run: Run) -> Iterator[str]:
    names = _names(run)
    yield from ["## Open loop", ""]
    yield from paragraph(
        "Requests of a PNG of 32x32 are due at a constant rate, whatever becomes of those before, and latency, in ms,",
        "counts from the moment each was due. The rates are parts of what each does with 32 clients, up to twice as",
        "much. This server refuses what it cannot do in time, and a refusal has no latency; the others queue it. Lost",
        "are errors, what had no answer 10 s after the end, and what found 512 connections busy. Late is by how much",
        "the generator itself was late at the 99th percentile, in ms; the latency includes it.",
    )
    order = list(names)
    yield from table(
        ["", "due/s", "answered/s", "refused", "lost", "p50", "p99", "late"],
        [
            [
                names[row["contestant"]],
                f"{row['rate']:.0f}",
                f"{row['goodput']:.0f}",
                *(f"{row[name] / max(1, row['due']):.0%}" for name in ("refused", "errors")),
                _ms(row["p50"]),
                _ms(row["p99"]),
                f"{row['late_p99_ms']:.1f}",
            ]
            for row in sorted(run["open"], key=lambda row: (order.index(row["contestant"]), row["fraction"]))
        ],
    )


def _starts(run: Run) -> Iterator[str]:
    yield from ["## Start and memory", ""]
    yield from paragraph(
        "Start is from the process's start to its first right answer, files in the page cache. Memory is that of all",
        "processes after the closed loop; where two share a page, the first column counts it twice, the second once.",
        "Idle is what it spends on nothing, in percent of a core: the others lacked that, unless it was stopped during",
        "their turns, as is said below if it was.",
    )
    yield from table(
        ["", "start, s", "resident, MB", "proportional, MB", "idle, %"],
        [
            [
                each["name"],
                f"{statistics.median(each['starts']):.2f}",
                str(each["resident_mb"]),
                str(each["proportional_mb"]),
                f"{each['idle_percent']:.1f}",
            ]
            for each in run["contestants"]
        ],
    )


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"
