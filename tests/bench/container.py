"""Size, start, memory and end of the image, in a container as the Deployment has it.

``python -m tests.bench.container`` (as root) needs what the tests in ``tests/container`` need, and prints a table.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from service.endpoints.predict import LARGE_BODIES
from tests.bench.setting import setting
from tests.container import base, build
from tests.container.containers import running
from tests.container.engine import configured
from tests.container.large import largest_upload
from tests.e2e.load import Load, load
from tests.e2e.server import eventually
from tests.k8s.policy.measured import CLIENTS

Row = tuple[str, str]
START_SECONDS = 300.0


class Bench:
    """Measures containers of one image."""

    def __init__(self, podman: str, image: str) -> None:
        self._podman = podman
        self._image = image

    def sizes(self) -> Iterator[Row]:
        total, below = (self._size(name) for name in (self._image, base.NAME))
        yield "image, unpacked", f"{total / 1e6:.0f} MB"
        yield "of it, layers over the base", f"{(total - below) / 1e6:.0f} MB"

    def starts(self, times: int) -> Iterator[Row]:
        found = []
        for _ in range(times):
            with running(self._podman, self._image) as container:
                eventually(container.ready, within=START_SECONDS)
                found.append(container.age())
        yield "cold start to ready", _spread(found, "s")

    def memory(self, seconds: float) -> Iterator[Row]:
        with running(self._podman, self._image) as container:
            container.wait_until_ready()
            for what, clients in (("idle", 0), (f"{CLIENTS} clients", CLIENTS)):
                with load(container, kept=clients, new=0):
                    time.sleep(seconds)
                    memory = container.memory()
                yield f"memory held, {what}", f"{memory.held / 1e6:.0f} MB"
                yield f"working set, {what}", f"{memory.working_set / 1e6:.0f} MB"
            files = memory.cache
            with load(container, kept=2, new=2), ThreadPoolExecutor(LARGE_BODIES) as pool:
                list(pool.map(container.predict, [largest_upload()] * LARGE_BODIES))
            memory = container.memory()
        files = max(files, memory.cache)
        yield f"peak, {LARGE_BODIES} of the largest uploads at once", f"{(memory.peak - files) / 1e6:.0f} MB"
        yield "files in the page cache, besides", f"{files / 1e6:.0f} MB"

    def drains(self, times: int) -> Iterator[Row]:
        found = [self._drain() for _ in range(times)]
        lost = sum(len(traffic.lost) for _, traffic in found)
        yield "SIGTERM to the end, under load", _spread([seconds for seconds, _ in found], "s")
        yield "requests lost meanwhile", f"{lost} of {lost + sum(len(traffic.outcomes) for _, traffic in found)}"

    def _drain(self) -> tuple[float, Load]:
        with running(self._podman, self._image) as container:
            container.wait_until_ready()
            with load(container, kept=2, new=2) as traffic:
                eventually(lambda: len(traffic.outcomes) > 20, within=START_SECONDS)
                began = time.monotonic()
                container.terminate()
                assert container.exit_code() == 0
                return time.monotonic() - began, traffic

    def _size(self, image: str) -> int:
        return int(base.run(self._podman, "image", "inspect", "--format={{.Size}}", image))


def _spread(values: list[float], unit: str) -> str:
    low, middle, high = min(values), statistics.median(values), max(values)
    return f"{middle:.2f} {unit} ({low:.2f} to {high:.2f}, n={len(values)})"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.container", description=__doc__.splitlines()[0])
    parser.add_argument("--target", choices=("torch", "slim"), default="torch", help="of the Dockerfile")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of load before memory is read")
    arguments = parser.parse_args()

    def tool(name: str, package: str) -> str:
        return shutil.which(name) or parser.error(f"{name} is not installed: sudo apt-get install {package}")

    podman = tool("podman", "podman netavark aardvark-dns iptables")
    with tempfile.TemporaryDirectory() as folder, configured(Path(folder)):
        image = build.image(podman, tool, Path(folder), arguments.target)
        bench = Bench(podman, image)
        print(f"{datetime.now(UTC):%Y-%m-%d}; {setting(podman, image)}\n\n| | |\n|---|---|", flush=True)
        for rows in (
            bench.sizes(),
            bench.starts(arguments.starts),
            bench.memory(arguments.seconds),
            bench.drains(arguments.starts),
        ):
            for what, value in rows:
                print(f"| {what} | {value} |", flush=True)


if __name__ == "__main__":
    main()
