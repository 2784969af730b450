"""Whether memory grows with the requests that are answered: ``python -m tests.bench.growth`` (needs ``hey``)."""

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from model.engines import ENGINES
from tests.bench.peers import tree
from tests.e2e.server import ROOT, running

IMAGE = ROOT / "test_image.png"
STEPS = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.growth", description=__doc__)
    parser.add_argument("--engine", choices=ENGINES, default="torch")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=32)
    arguments = parser.parse_args()
    hey = shutil.which("hey") or parser.error("hey is not installed: sudo apt-get install hey")
    step = arguments.requests // STEPS
    load = [hey, "-n", str(step), "-c", str(arguments.clients), "-m", "POST", "-T", "image/png", "-D", str(IMAGE)]
    with (
        tempfile.TemporaryDirectory() as folder,
        running(Path(folder), engine=arguments.engine, workers=arguments.workers) as server,
    ):
        server.wait_until_ready()
        for number in range(STEPS + 1):
            held = tree.memory(server.process.pid)
            print(
                f"{number * step:9,d} requests: {held.resident / 1e6:.1f} MB resident, "
                f"{held.proportional / 1e6:.1f} MB proportional",
                flush=True,
            )
            if number < STEPS:
                subprocess.run([*load, server.url()], stdout=subprocess.DEVNULL, check=True)


if __name__ == "__main__":
    main()
