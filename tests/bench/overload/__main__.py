"""What the server does under more load than it can bear: ``python -m tests.bench.overload`` (a minute).

Its peak is what a closed loop gets. Then requests come at a constant rate, whatever becomes of those before, and
latency counts from the moment that a request was due.
"""

import argparse
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from model.engines import ENGINES
from tests.bench.overload import offered
from tests.bench.overload.lone import Lone
from tests.bench.overload.rows import Row, table
from tests.bench.overload.watch import watching
from tests.bench.peers import tree
from tests.bench.peers.load import MOST
from tests.bench.peers.payloads import Payload, payloads
from tests.e2e.server import Server, running

TIMES = (0.8, 1.0, 2.0, 5.0, 20.0)
"""Rates, by the peak."""

CLIENTS = 32
WARM_SECONDS, LONGEST_SECONDS = 1.5, 20.0


def measure(server: Server, payload: Payload, times: float, peak: float, seconds: float, processes: int) -> Row:
    """One rate, from a server that has nothing to do to one that has nothing to do again."""
    lone = Lone(server.port, payload)
    usual = lone.usual()
    before = tree.memory(server.process.pid).resident
    with watching(server.ops_port) as watch:
        result = offered.opened(server.port, payload, seconds, times * peak, processes)
    recovered = lone.recovered(result.ended, usual)
    lone.close()
    memory = before, tree.memory(server.process.pid).resident
    return Row(times, times * peak, seconds, result, watch, memory, recovered)


@contextmanager
def _on(cores: list[int]) -> Iterator[None]:
    """Run there, with all that is started meanwhile."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.overload", description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="torch")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=5.0, help="of load at each rate, 20 at most")
    parser.add_argument("--processes", type=int, default=1, help="that send, each with as many connections")
    parser.add_argument("--apart", action="store_true", help="the server on one core, and the load on the others")
    arguments = parser.parse_args()
    cores = sorted(os.sched_getaffinity(0))
    if arguments.apart and len(cores) == 1:
        parser.error("--apart needs two cores")
    if not 0 < arguments.seconds <= LONGEST_SECONDS or arguments.processes < 1:
        parser.error(f"--seconds must be from 0 to {LONGEST_SECONDS:g}, --processes at least 1")
    seconds, payload = arguments.seconds, payloads()["png"]
    load = os.getloadavg()[0]
    with (
        tempfile.TemporaryDirectory() as folder,
        _on(cores[:1] if arguments.apart else cores),
        running(Path(folder), engine=arguments.engine, workers=arguments.workers) as server,
        _on(cores[1:] if arguments.apart else cores),
    ):
        server.wait_until_ready()
        offered.closed(server.port, payload, WARM_SECONDS, CLIENTS)
        peak = offered.closed(server.port, payload, seconds, CLIENTS).within / seconds
        rows = [measure(server, payload, times, peak, seconds, arguments.processes) for times in TIMES]
    shared = (
        "the first core, the load on the others" if arguments.apart else f"{len(cores)} cores, which the load shares"
    )
    print(
        f"{datetime.now(UTC):%Y-%m-%d}; {arguments.engine}, {arguments.workers} worker(s) on "
        f"{shared} (load before: {load:.1f}); peak {peak:.0f}/s "
        f"with {CLIENTS} clients.\n"
        f"Sent over {arguments.processes * MOST} kept connections at most: what is due while all are busy is not sent, "
        f"nor is what {arguments.processes} sending process(es) had no time for.\n"
    )
    print(table(rows, peak))


if __name__ == "__main__":
    main()
