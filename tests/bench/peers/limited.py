"""How near this server comes to what its parts could do."""

import statistics
from collections.abc import Iterator, Mapping
from typing import Any

from tests.bench.peers.prose import paragraph, table

CLIENTS = 32


def limited(run: Mapping[str, Any]) -> Iterator[str]:
    """Markdown."""
    found, cores = run["limits"], run["machine"]["cores"]
    yield from ["## The limit", ""]
    yield from paragraph("Each part alone, in a process for each core; for HTTP those are the service's own workers.")
    yield from table(
        ["", "a second"],
        [[described(name), f"{value:.0f}"] for name, value in found.items() if not name.endswith("cpu_ms")],
    )
    yield from paragraph(
        "A request with one PNG needs the engine, the decoder, HTTP and its client. If the cores did nothing else and",
        f"never waited, they would do so many a second, of which the server reaches so much with {CLIENTS} clients:",
    )
    ours = [each for each in run["contestants"] if each["ours"]]
    yield from table(
        ["", "limit, requests/s", "reached"],
        [
            [
                each["name"],
                f"{(most := limit(found, each['key'], cores)):.0f}",
                f"{_reached(run, each['key']) / most:.0%}",
            ]
            for each in ours
        ],
    )


def limit(found: Mapping[str, float], key: str, cores: int) -> float:
    """Requests a second: the reciprocal of the processor time that the parts of one cost, in batches as they come."""
    engine, decode = cores / found[f"engine {key} 16"], cores / found["decode png"]
    return cores / (engine + decode + found[f"http {CLIENTS} cpu_ms"] / 1000)


def described(name: str) -> str:
    kind, what, *rest = name.split()
    match kind:
        case "engine":
            return f"{what}, images in batches of {rest[0]}"
        case "decode":
            return f"decoding, {what.upper()} images"
        case _:
            return f"HTTP, requests of {what} clients with a constant answer"


def _reached(run: Mapping[str, Any], key: str) -> float:
    (row,) = [
        row for row in run["closed"] if (row["contestant"], row["payload"], row["clients"]) == (key, "png", CLIENTS)
    ]
    return float(statistics.median(each["rate"] for each in row["rounds"]))
