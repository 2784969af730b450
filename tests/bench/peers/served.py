"""A contestant that runs."""

import http.client
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.peers import tree
from tests.bench.peers.contestants import Contestant, environment
from tests.bench.peers.payloads import BOUNDARY, SHOWS, Payload
from tests.e2e.server import ROOT, free_ports

START_SECONDS = 90.0
STOP_SECONDS = 6.0


class Failed(Exception):
    """It did not start, or answers wrongly; one line."""


class Served:
    """``started_in`` is seconds from its start to its first right answer, as soon as it has given one."""

    def __init__(self, contestant: Contestant, port: int, process: "subprocess.Popen[bytes]") -> None:
        self.contestant = contestant
        self.port = port
        self.pid = process.pid
        self._process = process
        self._began = time.monotonic()
        self.started_in = 0.0

    def wait_until_it_answers(self, payload: Payload) -> None:
        """Raises :class:`Failed`."""
        until = self._began + START_SECONDS
        while time.monotonic() < until and self._process.poll() is None:
            if self.answer(payload).count(SHOWS) >= payload.images:
                self.started_in = time.monotonic() - self._began
                return
            time.sleep(0.01)
        how = "ended" if self._process.poll() is not None else f"gave no right answer in {START_SECONDS:.0f} s"
        raise Failed(f"{self.contestant.name} {how}")

    @contextmanager
    def turn(self) -> Iterator[None]:
        """While it is its turn, it runs; one that polls does not run otherwise, once it has had a turn."""
        if self.contestant.polls:
            tree.tell(self.pid, signal.SIGCONT)
        try:
            yield
        finally:
            if self.contestant.polls:
                tree.tell(self.pid, signal.SIGSTOP)

    def answer(self, payload: Payload) -> str:
        """The body, empty unless the status is 200."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        form = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Connection": "close"}
        try:
            connection.request("POST", "/predict", payload.body, form)
            got = connection.getresponse()
            body = got.read().decode()
            return body if got.status == 200 else ""
        except (OSError, http.client.HTTPException):
            return ""
        finally:
            connection.close()


@contextmanager
def running(contestant: Contestant, folder: Path, sink: str) -> Iterator[Served]:
    """Started, and ended with the block; its log is in ``folder``, beside the environments."""
    port, ops_port = free_ports()
    home = folder / "home"
    home.mkdir(parents=True, exist_ok=True)
    command = [part.format(port=port) for part in contestant.command]
    with (folder / f"{contestant.key}.log").open("wb") as log:
        process = subprocess.Popen(
            [contestant.interpreter(folder), *command],
            cwd=ROOT,
            env=environment(contestant, ROOT, home, port, ops_port, sink),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        yield Served(contestant, port, process)
    finally:
        tree.tell(process.pid, signal.SIGCONT)
        tree.end(process.pid, STOP_SECONDS)
        process.wait()
