"""How many threads the engine should have on this machine: ``python -m tests.bench.engine_threads`` (needs ``hey``)."""

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from model.engines.cpu import available_cpus
from tests.bench.hey import latencies
from tests.bench.vitals import IMAGE
from tests.e2e.server import running


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.engine_threads", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    arguments = parser.parse_args()
    hey = shutil.which("hey") or parser.error("hey is not installed: sudo apt-get install hey")
    found: dict[tuple[int, int], list[tuple[float, float]]] = {}
    for _ in range(arguments.rounds):
        for threads in range(1, int(available_cpus()) + 1):
            with tempfile.TemporaryDirectory() as folder, running(Path(folder), cpu_threads=threads) as server:
                server.wait_until_ready()
                for clients in (1, 8, 32):
                    latencies(hey, server.url(), IMAGE, seconds=1, clients=clients)
                    spent = latencies(hey, server.url(), IMAGE, seconds=arguments.seconds, clients=clients)
                    rate, p99 = len(spent) / arguments.seconds, 1000 * statistics.quantiles(spent, n=100)[98]
                    found.setdefault((clients, threads), []).append((rate, p99))
    for (clients, threads), rows in sorted(found.items()):
        rate, p99 = (statistics.median(column) for column in zip(*rows, strict=True))
        print(f"{clients:3} clients, {threads} engine threads: {rate:4.0f} requests/s, p99 {p99:5.1f} ms")


if __name__ == "__main__":
    main()
