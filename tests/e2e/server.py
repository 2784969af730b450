"""The real server as a subprocess: ``gunicorn -c service/gunicorn.conf.py`` in the repository root."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from random import SystemRandom
from typing import Any, Self

import requests

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "gunicorn", "-c", "service/gunicorn.conf.py"]
PORTS = 20_000, 32_768
START_SECONDS = 100.0
"""Bound for a start."""


def eventually(condition: Callable[[], object], *, within: float = 20.0, what: str = "the condition") -> None:
    """Poll until the condition is true; fail when it isn't ``within`` seconds."""
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, f"{what} did not come true within {within:g} s"
        time.sleep(0.02)


def handles_signals(worker: int) -> bool:
    """Whether the worker has installed gunicorn's signal handlers."""
    status = Path(f"/proc/{worker}/status").read_text()
    [caught] = [int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt")]
    return bool(caught >> signal.SIGABRT - 1 & 1)


def free_ports() -> tuple[int, int]:
    """Two free ports of 127.0.0.1, below the range that the kernel assigns to clients."""
    found: set[int] = set()
    while len(found) < 2:
        port = SystemRandom().randrange(*PORTS)  # which no test seeds, so that no other picks the same
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            found.add(port)
    one, other = found
    return one, other


class Server:
    """One run of the server; :func:`running` is the way to get one.

    ``settings`` are ``PREDICTOR_*`` variables, or any other where the name is in capitals;
    ``arguments`` are gunicorn's.
    """

    def __init__(self, log: Path, *arguments: str, **settings: object) -> None:
        self.port, self.ops_port = free_ports()
        given: dict[str, object] = {"host": "127.0.0.1", "port": self.port, "ops_port": self.ops_port, "workers": 1}
        given |= {"engine": "onnxruntime", "drain_seconds": 0, **settings}
        environment = {name if name.isupper() else f"PREDICTOR_{name.upper()}": str(v) for name, v in given.items()}
        self._log = log
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [*COMMAND, *arguments],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], **environment},
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                start_new_session=True,
            )

    def url(self, path: str = "/predict") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ops(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.ops_port}{path}", timeout=20)

    def get(self, path: str, **options: Any) -> requests.Response:
        return requests.get(self.url(path), timeout=20, **options)

    def predict(self, body: bytes, **headers: str) -> requests.Response:
        """Classify a raw body."""
        return requests.post(self.url(), data=body, headers=headers, timeout=30)

    def connect(self, timeout: float = 20.0, port: int | None = None) -> socket.socket:
        """A bare connection, to the API unless another port is given."""
        return socket.create_connection(("127.0.0.1", port or self.port), timeout)

    def refuses(self, port: int | None = None) -> bool:
        """Whether the port refuses connections."""
        try:
            self.connect(port=port).close()
        except OSError:
            return True
        return False

    def log(self) -> str:
        """What was written to stdout and stderr so far."""
        return self._log.read_text()

    def records(self) -> list[dict[str, Any]]:
        """The log's lines, which must all be JSON objects."""
        return [json.loads(line) for line in self.log().splitlines()]

    def workers(self) -> list[int]:
        """Process ids of the master's children."""
        pid = self.process.pid
        with suppress(FileNotFoundError):
            return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
        return []

    def ready(self) -> bool:
        with suppress(requests.RequestException):
            return self.ops("/readyz").status_code == 200
        return False

    def answering(self) -> bool:
        """Whether /readyz answers at all, ready or not."""
        with suppress(requests.RequestException):
            return self.ops("/readyz").json()["state"] not in ("loading", "warming")
        return False

    def wait_until_ready(self) -> Self:
        eventually(lambda: self.ready() or self.exited, within=START_SECONDS, what="readiness")
        assert not self.exited, self.log()
        return self

    @property
    def exited(self) -> bool:
        return self.process.poll() is not None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to the master, as an orchestrator does."""
        self.process.send_signal(number)

    def exit_code(self, within: float = 30.0) -> int:
        """Wait for the end of the process."""
        return self.process.wait(within)

    def stop(self) -> None:
        """SIGTERM, unless it has ended already; it must then end by itself and well."""
        if not self.exited:
            self.signal(signal.SIGTERM)
            assert self.exit_code() == 0, self.log()

    def kill(self) -> None:
        """Leave nothing of the process group behind."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def running(folder: Path, *arguments: str, **settings: object) -> Iterator[Server]:
    """A started server, which may not be ready yet, with its log in ``folder``; it must end with exit code 0."""
    server = Server(folder / f"{time.monotonic_ns()}.log", *arguments, **settings)
    try:
        yield server
        server.stop()
    finally:
        server.kill()
