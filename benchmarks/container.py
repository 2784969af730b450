"""Size, start and memory of the image, in a container with the Deployment's limits; run it as root."""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from benchmarks import hey, payloads, report
from service.api.predict import LARGE_BODIES
from tests.container import build
from tests.container.containers import CPUS, Container, running
from tests.container.engine import configured
from tests.container.memory import largest_upload
from tests.k8s.policy.measured import CLIENTS

PROGRAM = "benchmarks.container"
LIMIT_SECONDS = 300.0

Row = tuple[str, str]


def sizes(podman: str, image: str) -> Iterator[Row]:
    total, below = (int(build.run(podman, "image", "inspect", "--format={{.Size}}", it)) for it in (image, build.BASE))
    yield "image, unpacked", f"{total / 1e6:.0f} MB"
    yield "of that, layers on top of the base", f"{(total - below) / 1e6:.0f} MB"


def starts(podman: str, image: str, times: int) -> Iterator[Row]:
    found = []
    for _ in range(times):
        with running(podman, image) as container:
            while not container.ready():
                time.sleep(0.02)
            found.append(container.age())
    yield "start to ready", f"{statistics.median(found):.2f} s ({min(found):.2f} to {max(found):.2f}, n={times})"


def memory(podman: str, image: str, form: Path, seconds: float) -> Iterator[Row]:
    with running(podman, image) as container:
        container.wait_until_ready()
        for what, clients in (("idle", 0), (f"{CLIENTS} clients", CLIENTS)):
            with load(container, form, clients):
                time.sleep(seconds)
                now = container.memory()
            yield f"memory without page cache, {what}", f"{now.held / 1e6:.0f} MB"
            yield f"working set, {what}", f"{now.working_set / 1e6:.0f} MB"
        files = now.cache
        with load(container, form, 4), ThreadPoolExecutor(LARGE_BODIES) as pool:
            list(pool.map(container.predict, [largest_upload()] * LARGE_BODIES))
        now = container.memory()
    files = max(files, now.cache)
    yield f"peak, {LARGE_BODIES} of the largest uploads at once", f"{(now.peak - files) / 1e6:.0f} MB"
    yield "page cache", f"{files / 1e6:.0f} MB"


@contextmanager
def load(container: Container, form: Path, clients: int) -> Iterator[None]:
    """Load from this number of clients during the block."""
    if not clients:
        yield
        return
    url = f"http://127.0.0.1:{container.port}/predict"
    command = hey.command(url, form, seconds=LIMIT_SECONDS, clients=clients)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as sending:
        try:
            yield
        finally:
            sending.terminate()


def tool(name: str, package: str) -> str:
    return shutil.which(name) or sys.exit(f"{name} is not installed: sudo apt-get install {package}")


def main() -> None:
    parser = argparse.ArgumentParser(prog=f"python -m {PROGRAM}", description=__doc__)
    parser.add_argument("--target", choices=("torch", "slim"), default="torch", help="of the Dockerfile")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10, help="of load before memory is read")
    options = parser.parse_args()
    origin = (
        f"{report.origin(PROGRAM)} CPUs for the container: {CPUS}; Linux {'.'.join(os.uname().release.split('.')[:2])}."
    )
    podman = tool("podman", "podman netavark aardvark-dns iptables")
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory() as empty, configured(Path(name)):
        form = payloads.write(Path(name))["png"]
        image = build.image(podman, tool, Path(empty), options.target)
        rows = [
            *sizes(podman, image),
            *starts(podman, image, options.starts),
            *memory(podman, image, form, options.seconds),
        ]
    report.publish(PROGRAM, [origin, report.table(("", ""), rows)], write=False)


if __name__ == "__main__":
    main()
