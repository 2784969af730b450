"""Prometheus and Alertmanager as programs, which say at one path that they are ready."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import requests

from tests.e2e.server import eventually


@contextmanager
def running(command: list[str], address: str, name: str) -> Iterator[None]:
    """One that listens at ``address``, from when it is ready until the block ends."""

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
