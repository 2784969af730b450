"""Throughput of normal clients beside 500 silent connections, and beside 50 slow bodies."""

import argparse
import random
import socket
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from functools import partial
from pathlib import Path

from benchmarks import hey, payloads, report
from benchmarks.compare import HEADER, WARM_CLIENTS, WARM_SECONDS, Figures
from benchmarks.servers import Variant, in_background, running

PROGRAM = "benchmarks.slow_clients"
BYTE_SECONDS = 0.5
"""Time between two bytes of a slow body."""

HEAD = (
    "POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n"
    f"Content-Type: {payloads.CONTENT_TYPE}\r\n\r\n"
).encode()


@contextmanager
def idle(port: int, number: int) -> Iterator[None]:
    """Connections that send nothing."""
    connections = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(number)]
    try:
        yield
    finally:
        for each in connections:
            each.close()


def slow_bodies(port: int, number: int) -> AbstractContextManager[None]:
    """Clients that send the head of a request, then a byte at a time; a client that is cut off connects again."""

    def send(over: threading.Event) -> None:
        while not over.is_set():
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
                connection.sendall(HEAD)
                while not over.wait(BYTE_SECONDS):
                    connection.sendall(b"-")

    return in_background([send] * number)


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=5.0, help="of load in each case of a round")
    parser.add_argument("--clients", type=int, default=8, help="that send normally")
    parser.add_argument("--idle", type=int, default=500)
    parser.add_argument("--slow", type=int, default=50)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    origin = f"{report.origin(PROGRAM)} Rounds: {options.rounds} of {options.seconds:g} s, {options.clients} clients."
    with tempfile.TemporaryDirectory() as name, running(Variant("shipped", ""), Path(name)) as server:
        form = payloads.write(Path(name))["png"]
        send = partial(hey.load, server.url, form)
        cases: dict[str, Callable[[], AbstractContextManager[None]]] = {
            "alone": nullcontext,
            f"with {options.idle} idle connections": lambda: idle(server.port, options.idle),
            f"with {options.slow} slow bodies": lambda: slow_bodies(server.port, options.slow),
        }
        found = {case: Figures() for case in cases}
        send(seconds=WARM_SECONDS, clients=WARM_CLIENTS)
        for _ in range(options.rounds):
            for case, others in random.sample(list(cases.items()), k=len(cases)):
                with others():
                    before = server.processor_seconds()
                    result = send(seconds=options.seconds, clients=options.clients)
                    found[case].add(result, server.processor_seconds() - before)
    rows = [[case, *figures.row(found["alone"])] for case, figures in found.items()]
    report.publish(PROGRAM, [origin, report.table(("normal clients", *HEADER), rows)], write=options.write)


if __name__ == "__main__":
    main()
