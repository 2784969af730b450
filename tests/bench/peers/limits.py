"""What no server of these parts can exceed: its engine, its decoder and its HTTP, each alone.

``python -m tests.bench.peers.limits NAME SECONDS`` is one process of such a measurement: it says when it is warm, waits
for a line, works for so long, and writes how many images it has done.
"""

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np

from model.artifact import Artifact
from model.engines import load
from service.images import decode
from tests.bench.peers.payloads import IMAGE, large
from tests.e2e.server import ROOT

Work = Callable[[], int]
"""Does some, and returns how many images that were."""

ENGINES = {"onnxruntime": "auto", "torch": "auto", "torch-float32": "float32"}
BATCHES = (1, 16)
NAMES = (*(f"engine {key} {batch}" for key in ENGINES for batch in BATCHES), "decode png", "decode jpeg")


def work(name: str) -> Work:
    """By name, one of :data:`NAMES`."""
    kind, what, *batch = name.split()
    if kind == "decode":
        return decoding(IMAGE.read_bytes() if what == "png" else large())
    return computing(what, int(batch[0]))


def computing(key: str, batch: int) -> Work:
    artifact = Artifact.open()
    engine = load(key.partition("-")[0], artifact, precision=ENGINES[key], threads=1)
    images = np.ascontiguousarray(np.resize(artifact.golden().images, (batch, 32, 32, 3)))
    return lambda: len(engine.predict(images))


def decoding(data: bytes) -> Work:
    def once() -> int:
        decode(data, max_pixels=1 << 24)
        return 1

    return once


def count(once: Work, seconds: float) -> int:
    """How many images are done in so long, in this process."""
    done, end = 0, time.monotonic() + seconds
    while time.monotonic() < end:
        done += once()
    return done


def rate(name: str, seconds: float, cores: int) -> float:
    """Images a second of a process for each core, all at once."""
    command = [sys.executable, "-m", "tests.bench.peers.limits", name, str(seconds)]
    processes = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(cores)
    ]
    try:
        for process in processes:
            assert process.stdout
            process.stdout.readline()
        for process in processes:
            assert process.stdin
            process.stdin.write("go\n")
            process.stdin.flush()
        return sum(int(process.communicate()[0]) for process in processes) / seconds
    finally:
        for process in processes:
            process.kill()
            process.wait()


def main() -> None:
    once = work(sys.argv[1])
    count(once, 0.3)
    print("warm", flush=True)
    sys.stdin.readline()
    print(count(once, float(sys.argv[2])))


if __name__ == "__main__":
    main()
