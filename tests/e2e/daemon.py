"""Runs Prometheus and Alertmanager."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests

from tests.e2e.server import eventually


@contextmanager
def running(command: list[str], address: str, name: str) -> Iterator[None]:
    """Run a program that listens at ``address``; the block starts when it is ready."""

    def ready() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://{address}/-/ready", timeout=10).status_code == 200
        return False

    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        eventually(ready, within=60, what=f"the readiness of {name}")
        yield
    finally:
        process.kill()
        process.wait()
