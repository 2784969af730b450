"""Does memory grow with the number of answered requests?"""

import argparse
import subprocess
import tempfile
from pathlib import Path

from benchmarks import hey, payloads, report
from benchmarks.servers import Variant, running

PROGRAM = "benchmarks.memory"
STEPS = 10


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.add_argument("--engine", default="onnxruntime")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--requests", type=int, default=200_000)
    parser.add_argument("--clients", type=int, default=32)
    options = parser.parse_args()
    settings = {"PREDICTOR_ENGINE": options.engine, "PREDICTOR_WORKERS": str(options.workers)}
    step, rows, origin = options.requests // STEPS, [], report.origin(PROGRAM)
    with (
        tempfile.TemporaryDirectory() as name,
        running(Variant("shipped", "", settings=settings), Path(name)) as server,
    ):
        form = payloads.write(Path(name))["png"]
        for number in range(STEPS + 1):
            rows.append([f"{number * step:,d}", f"{server.memory_bytes() / 1e6:.1f}"])
            print(f"{rows[-1][0]} requests: {rows[-1][1]} MB", flush=True)
            if number < STEPS:
                load = hey.command(server.url, form, "-n", str(step), clients=options.clients)
                subprocess.run(load, stdout=subprocess.DEVNULL, check=True)
    report.publish(PROGRAM, [origin, report.table(("requests", "memory, MB"), rows, left=0)], write=False)


if __name__ == "__main__":
    main()
