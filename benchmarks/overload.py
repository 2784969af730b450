"""Overload: goodput, refusals, and the answers of the operations server meanwhile."""

import argparse
import http.client
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from benchmarks import hey, payloads, report
from benchmarks.compare import WARM_CLIENTS, WARM_SECONDS
from benchmarks.servers import Variant, in_background, running

PROGRAM = "benchmarks.overload"
EVERY_SECONDS = {"/readyz": 0.1, "/metrics": 0.5}
TIMEOUT_SECONDS = 5.0
HEADER = ("clients", "2xx/s", "of the peak", "429", "p50, ms", "p99, ms", "slowest /readyz, ms", "slowest /metrics, ms",
          "memory, MB")  # fmt: skip


@contextmanager
def watching(ops_port: int) -> Iterator[dict[str, float]]:
    """The slowest answer of each path so far, in seconds; an error counts as :data:`TIMEOUT_SECONDS`."""
    slowest = dict.fromkeys(EVERY_SECONDS, 0.0)

    def ask(path: str, over: threading.Event) -> None:
        while not over.wait(EVERY_SECONDS[path]):
            began, took = time.monotonic(), TIMEOUT_SECONDS
            with closing(http.client.HTTPConnection("127.0.0.1", ops_port, timeout=TIMEOUT_SECONDS)) as connection:
                try:
                    connection.request("GET", path)
                    answer = connection.getresponse()
                    answer.read()
                    if answer.status == http.HTTPStatus.OK:
                        took = time.monotonic() - began
                except (OSError, http.client.HTTPException):
                    pass
            slowest[path] = max(slowest[path], took)

    with in_background([partial(ask, path) for path in EVERY_SECONDS]):
        yield slowest


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.add_argument("--engine", default="onnxruntime")
    parser.add_argument("--seconds", type=float, default=5.0, help="of load with each number of clients")
    parser.add_argument("--clients", default="32,128,512,1024", help="the first makes the peak")
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    options = parser.parse_args()
    origin, rows, peak = report.origin(PROGRAM), [], 0.0
    variant = Variant("shipped", "", settings={"PREDICTOR_ENGINE": options.engine})
    with tempfile.TemporaryDirectory() as name, running(variant, Path(name)) as server:
        form = payloads.write(Path(name))["png"]
        hey.load(server.url, form, seconds=WARM_SECONDS, clients=WARM_CLIENTS)
        for clients in map(int, options.clients.split(",")):
            with watching(server.ops_port) as slowest:
                result = hey.load(server.url, form, seconds=options.seconds, clients=clients)
            peak = peak or result.goodput
            rows.append([
                str(clients), f"{result.goodput:.0f}", f"{result.goodput / peak:.0%}",
                f"{result.statuses[429] / result.statuses.total():.0%}",
                *(report.number(result.milliseconds(percent)) for percent in (50, 99)),
                *(report.number(1000 * slowest[path]) for path in EVERY_SECONDS),
                f"{server.memory_bytes() / 1e6:.0f}",
            ])  # fmt: skip
    report.publish(PROGRAM, [origin, report.table(HEADER, rows, left=0)], write=options.write)


if __name__ == "__main__":
    main()
