"""Servers under test: real processes, with what they cost."""

import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.payloads import CONTENT_TYPE, PICTURE, form

ROOT = Path(__file__).parents[1]
SHIPPED = ("-m", "gunicorn", "-c", "service/gunicorn.conf.py")
START_SECONDS = 90.0
STOP_SECONDS = 10.0


@dataclass(frozen=True)
class Variant:
    """A server to be compared. ``command`` follows the interpreter; ``{port}`` in it is replaced.

    ``settings`` are environment variables besides those of :func:`environment`.
    """

    name: str
    about: str
    command: tuple[str, ...] = SHIPPED
    settings: Mapping[str, str] = field(default_factory=dict)
    folder: Path = ROOT
    interpreter: str = sys.executable
    load: tuple[str, ...] = ()
    """Options of hey."""
    polls: bool = False
    """Uses processor time even when idle; it is stopped while other servers are measured."""


class Server:
    """A running variant; :func:`running` starts one."""

    def __init__(self, variant: Variant, log: Path) -> None:
        self.variant = variant
        self.port, self.ops_port = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}/predict"
        began = time.monotonic()
        with log.open("wb") as output:
            self.process = subprocess.Popen(
                [variant.interpreter, *(part.format(port=self.port) for part in variant.command)],
                cwd=variant.folder,
                env={**environment(self.port, self.ops_port, log.parent), **variant.settings},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        try:
            while not self.answers():
                if self.process.poll() is not None or time.monotonic() > began + START_SECONDS:
                    sys.exit(f"{variant.name} does not answer:\n{log.read_text()[-3000:]}")
                time.sleep(0.02)
        except BaseException:
            self.stop()
            raise
        self.start_seconds = time.monotonic() - began

    def answers(self) -> bool:
        """Whether a prediction succeeds now."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        body, headers = form([PICTURE.read_bytes()]), {"Content-Type": CONTENT_TYPE, "Connection": "close"}
        with closing(connection), suppress(OSError, http.client.HTTPException):
            connection.request("POST", "/predict", body, headers)
            return connection.getresponse().status == http.HTTPStatus.OK
        return False

    def processor_seconds(self) -> float:
        """Processor time of all its processes so far."""
        ticks = sum(int(stat[11]) + int(stat[12]) for stat in processes(self.process.pid).values())
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_bytes(self) -> int:
        """Proportional set size of all its processes: a page that two of them share counts once."""
        total = 0
        for pid in processes(self.process.pid):
            with suppress(OSError):
                rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
                total += sum(1024 * int(size) for size in re.findall(r"^Pss: +(\d+) kB", rollup, re.MULTILINE))
        return total

    def pause(self) -> None:
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        self._signal_all(signal.SIGCONT)

    def stop(self) -> None:
        """SIGTERM; SIGKILL for the processes that are left after :data:`STOP_SECONDS`."""
        self.resume()
        pids = processes(self.process.pid)
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(STOP_SECONDS)
        for pid, stat in pids.items():
            if (now := _stat(pid)) and now[19] == stat[19]:  # the same start time: not another process with this id
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def _signal_all(self, number: signal.Signals) -> None:
        for pid in processes(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, number)


@contextmanager
def in_background(tasks: Sequence[Callable[[threading.Event], object]]) -> Iterator[None]:
    """Run each task on a thread during the block; its argument is set when the block ends."""
    over = threading.Event()
    threads = [threading.Thread(target=task, args=[over]) for task in tasks]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


@contextmanager
def running(variant: Variant, folder: Path) -> Iterator[Server]:
    """A server that answers; its log is in ``folder``."""
    server = Server(variant, folder / f"{variant.name.replace(' ', '-')}.log")
    try:
        yield server
    finally:
        server.stop()


def environment(port: int, ops_port: int, home: Path) -> dict[str, str]:
    """Variables of every server: one worker per CPU and ONNX Runtime, unless the variant says otherwise."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "PREDICTOR_HOST": "127.0.0.1",
        "PREDICTOR_PORT": str(port),
        "PREDICTOR_OPS_PORT": str(ops_port),
        "PREDICTOR_ENGINE": "onnxruntime",
        "PREDICTOR_WORKERS": str(len(os.sched_getaffinity(0))),
        "PREDICTOR_DRAIN_SECONDS": "0",
    }


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def processes(root: int) -> dict[int, list[str]]:
    """The process and its descendants: the fields of ``/proc/PID/stat`` after the command's name."""
    stats = {pid: stat for entry in Path("/proc").glob("[0-9]*") if (stat := _stat(pid := int(entry.name)))}
    found = [root]
    for parent in found:  # grows while it is iterated
        found += [pid for pid, stat in stats.items() if int(stat[1]) == parent]
    return {pid: stats[pid] for pid in found if pid in stats}


def _stat(pid: int) -> list[str]:
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return []
