"""Cold start, memory and latency of a server of one worker: ``python -m tests.bench.vitals`` (needs ``hey``)."""

import argparse
import re
import shutil
import statistics
import tempfile
import time
from pathlib import Path

from model.engines import ENGINES
from tests.bench.hey import latencies
from tests.e2e.server import ROOT, Server, running

IMAGE = ROOT / "test_image.png"


def resident_megabytes(server: Server) -> float:
    """Of the worker, which holds the model."""
    [worker] = server.workers()
    [kilobytes] = re.findall(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{worker}/status").read_text())
    return int(kilobytes) / 1000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.vitals", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="torch")
    parser.add_argument("--seconds", type=int, default=10)
    arguments = parser.parse_args()
    hey = shutil.which("hey") or parser.error("hey is not installed: sudo apt-get install hey")
    starts = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(5):
            began = time.monotonic()
            with running(Path(folder), engine=arguments.engine) as server:
                server.wait_until_ready()
                starts.append(time.monotonic() - began)
        print(f"cold start to ready: {statistics.median(starts):.2f} s (median of {len(starts)})")
        with running(Path(folder), engine=arguments.engine) as server:
            server.wait_until_ready()
            print(f"resident memory, idle: {resident_megabytes(server):.0f} MB")
            for clients in (1, 8, 32):
                latencies(hey, server.url(), IMAGE, seconds=2, clients=clients)
                spent = latencies(hey, server.url(), IMAGE, seconds=arguments.seconds, clients=clients)
                cuts = statistics.quantiles([1000 * each for each in spent], n=100)
                print(
                    f"{clients} clients: {len(spent) / arguments.seconds:.0f} requests/s, "
                    f"p50 {cuts[49]:.2f} ms, p99 {cuts[98]:.2f} ms, "
                    f"resident memory {resident_megabytes(server):.0f} MB"
                )


if __name__ == "__main__":
    main()
