"""What is measured of servers that are all up: each figure of all of them in turn, before the next figure."""

import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

from tests.bench.peers import tree
from tests.bench.peers.arguments import FRACTIONS, SATURATING
from tests.bench.peers.figures import latencies
from tests.bench.peers.generator import send
from tests.bench.peers.load import Result
from tests.bench.peers.payloads import Payload
from tests.bench.peers.served import Served

Say = Callable[[str], None]
Cell = tuple[str, int]
"""Name of the payload, and clients."""

WARM_SECONDS = 0.5
ANSWERED, REFUSED = "200", "429"


def warm(servers: Sequence[Served], payloads: dict[str, Payload]) -> None:
    """Load that is not counted."""
    for served in servers:
        for payload in payloads.values():
            send(served, payload, WARM_SECONDS, clients=8)


def idle(servers: Sequence[Served], seconds: float) -> dict[str, float]:
    """Percent of one core that each spends on nothing, which the others' figures suffer from."""
    with ExitStack() as stack:
        for served in servers:
            stack.enter_context(served.turn())
        before = {served: tree.processor_seconds(served.pid) for served in servers}
        time.sleep(seconds)
        spent = {served: tree.processor_seconds(served.pid) - before[served] for served in servers}
    return {served.contestant.key: round(100 * each / seconds, 1) for served, each in spent.items()}


def lost(result: Result) -> int:
    """Requests that were neither answered nor refused."""
    others = sum(number for status, number in result.statuses.items() if status not in (ANSWERED, REFUSED))
    return others + sum(result.errors.values())


def closed(
    servers: Sequence[Served],
    payloads: dict[str, Payload],
    cells: Sequence[Cell],
    seconds: float,
    rounds: int,
    say: Say,
) -> list[Any]:
    """The closed loop; latencies are those of all rounds together."""
    found = []
    for name, clients in cells:
        payload = payloads[name]
        rows: dict[str, list[dict[str, float]]] = defaultdict(list)
        took: dict[str, list[float]] = defaultdict(list)
        for _ in range(rounds):
            for served in random.sample(servers, k=len(servers)):
                key, before = served.contestant.key, tree.processor_seconds(served.pid)
                result = send(served, payload, seconds, clients=clients)
                spent = tree.processor_seconds(served.pid) - before
                answered, refused = len(result.latencies), result.statuses.get(REFUSED, 0)
                rows[key].append(
                    {
                        "rate": round(result.within / seconds, 1),
                        "refused": refused,
                        "errors": lost(result),
                        "cpu_ms": round(1000 * spent / max(1, answered), 3),
                        "client_cpu_ms": round(1000 * result.processor_seconds / max(1, answered), 3),
                    }
                )
                took[key] += result.latencies
        for served in servers:
            key = served.contestant.key
            found.append({
                "contestant": key, "payload": name, "images": payload.images, "clients": clients,
                "rounds": rows[key], "answered": len(took[key]), **latencies(took[key]),
            })  # fmt: skip
            rate = statistics.median(row["rate"] for row in rows[key])
            say(f"{name} {clients:4} clients  {key:14}{rate:7.0f} requests/s   p99 {found[-1]['p99'] or 0:8.1f} ms")
    return found


def opened(servers: Sequence[Served], payload: Payload, rates: dict[str, float], seconds: float, say: Say) -> list[Any]:
    """The open loop, from half of what each can do to twice as much."""
    found = []
    for fraction in FRACTIONS:
        for served in random.sample(servers, k=len(servers)):
            key = served.contestant.key
            rate = max(1.0, rates[key] * fraction)
            result = send(served, payload, seconds, rate=rate)
            refused, late = result.statuses.get(REFUSED, 0), sorted(result.late)
            found.append(
                {
                    "contestant": key,
                    "fraction": fraction,
                    "rate": round(rate, 1),
                    "due": len(result.latencies) + refused + lost(result),
                    "goodput": round(result.within / seconds, 1),
                    "refused": refused,
                    "errors": lost(result),
                    "kinds": result.errors,
                    "late_p99_ms": round(1000 * late[int(0.99 * (len(late) - 1))], 3),
                    **latencies(result.latencies),
                }
            )
            say(
                f"due {rate:6.0f}/s  {key:14}{found[-1]['goodput']:7.0f} answered/s  {refused} refused, "
                f"{found[-1]['errors']} lost, p99 {found[-1]['p99'] or 0:8.1f} ms"
            )
    return found


def saturated(closed_loop: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Requests a second of small pictures that each contestant did with :data:`SATURATING` clients."""
    return {
        row["contestant"]: statistics.median(each["rate"] for each in row["rounds"])
        for row in closed_loop
        if (row["payload"], row["clients"]) == ("png", SATURATING)
    }
