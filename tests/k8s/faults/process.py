"""Starts the server's process with a fault, as the kubelet would start it in the image."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.container.containers import environment
from tests.e2e.server import free_ports
from tests.k8s.manifests import ROOT, Manifests

DOCKERFILE = (ROOT / "Dockerfile").read_text()
PROGRAMS = Path(sys.executable).parent
"""Replaces the image's /app/.venv/bin; the root of the repository replaces /app."""


def command(manifests: Manifests) -> list[str]:
    """The image's ENTRYPOINT and the manifest's ``command`` and ``args``, combined as Kubernetes does."""
    (entrypoint,) = re.findall(r"^ENTRYPOINT (\[.*\])$", DOCKERFILE, re.MULTILINE)
    container = manifests.container
    return [*container.get("command", json.loads(entrypoint)), *container.get("args", [])]


@contextmanager
def started(
    folder: Path, argv: Sequence[str], variables: Mapping[str, str]
) -> Iterator[tuple["subprocess.Popen[bytes]", Path]]:
    """The process and its log file; the process is killed at the end."""
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            argv,
            cwd=ROOT,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        yield process, log
    finally:
        if process.poll() is None:
            os.killpg(process.pid, 9)
        process.wait()


def variables(manifests: Manifests, folder: Path) -> tuple[dict[str, str], int, int]:
    """The environment variables, the API port and the ops port."""
    port, ops_port = free_ports()
    image = dict(re.findall(r"^\s+(?:ENV )?(MALLOC_\w+)=(\d+)", DOCKERFILE, re.MULTILINE))
    ours = {"PATH": f"{PROGRAMS}:{os.environ['PATH']}", "HOME": str(folder), "PREDICTOR_HOST": "127.0.0.1"}
    ports = {"PREDICTOR_PORT": str(port), "PREDICTOR_OPS_PORT": str(ops_port)}
    return {**image, **environment(manifests), **ours, **ports}, port, ops_port
