"""How many worker processes are best here: ``python -m tests.bench.workers`` (needs ``hey``).

Servers with one worker, two, and so on up to the cores are all up at once and get the load in turns of seconds, as a
machine's speed drifts by more than the differences looked for. Throughput is printed as a ratio to one worker's.
"""

import argparse
import random
import shutil
import statistics
import tempfile
from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

from model.engines import ENGINES
from model.engines.cpu import available_cpus
from tests.bench.hey import latencies
from tests.bench.peers import tree
from tests.e2e.server import ROOT, Server, running

IMAGE = ROOT / "test_image.png"
CLIENTS = (1, 8, 32)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.workers", description=__doc__.splitlines()[0])
    parser.add_argument("--engine", choices=ENGINES, default="torch")
    parser.add_argument("--most", type=int, default=int(available_cpus()))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    arguments = parser.parse_args()
    hey = shutil.which("hey") or parser.error("hey is not installed: sudo apt-get install hey")
    rates, slowest = defaultdict[tuple[int, int], list[float]](list), defaultdict[tuple[int, int], list[float]](list)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        servers: dict[int, Server] = {}
        for count in range(1, arguments.most + 1):
            server = servers[count] = stack.enter_context(running(folder, engine=arguments.engine, workers=count))
            server.wait_until_ready()
            latencies(hey, server.url(), IMAGE, seconds=2, clients=max(CLIENTS))
        for number in range(arguments.rounds):
            print(f"round {number + 1} of {arguments.rounds}", flush=True)
            for clients in CLIENTS:
                for count, server in random.sample(list(servers.items()), k=len(servers)):
                    took = latencies(hey, server.url(), IMAGE, seconds=arguments.seconds, clients=clients)
                    rates[count, clients].append(len(took) / arguments.seconds)
                    slowest[count, clients].append(1000 * statistics.quantiles(took, n=100)[98])
        print(f"\n{'workers':>7}{'clients':>9}{'requests/s':>12}{'of one':>8}{'p99 ms':>8}{'MB':>7}")
        for (count, clients), found in sorted(rates.items()):
            ratio = statistics.median(each / one for each, one in zip(found, rates[1, clients], strict=True))
            held = tree.memory(servers[count].process.pid).proportional / 1e6
            print(
                f"{count:7}{clients:9}{statistics.median(found):12.0f}{ratio:8.2f}"
                f"{statistics.median(slowest[count, clients]):8.1f}{held:7.0f}"
            )


if __name__ == "__main__":
    main()
