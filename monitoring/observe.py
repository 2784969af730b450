"""``make observe``: run the installed Prometheus and Alertmanager for a service on this machine, without Docker.

They scrape the service, evaluate the rules of this folder and show the alerts. Their data is deleted on exit. Uses only
the standard library, so that it needs no virtual environment.
"""

import argparse
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
START_SECONDS = 60.0
STOP_SECONDS = 10.0

INSTALL = """\
  Debian, Ubuntu: sudo apt-get install prometheus prometheus-alertmanager
                  sudo systemctl disable --now prometheus prometheus-alertmanager   (if they need not run permanently)
  macOS:          brew install prometheus alertmanager
With Docker, including Grafana: docker compose -f monitoring/compose.yaml up --build"""


class ObserveError(Exception):
    """A message for the user."""


@dataclass(frozen=True)
class Program:
    """A running program that answers on ``port`` of this machine."""

    name: str
    port: int
    log: Path
    process: "subprocess.Popen[bytes]"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    def wait_until_ready(self) -> None:
        end = time.monotonic() + START_SECONDS
        while not answers(f"127.0.0.1:{self.port}", "/-/ready"):
            if self.ended or time.monotonic() > end:
                raise ObserveError(f"{self.name} did not start. Its last log lines:\n{self.last_log_lines()}")
            time.sleep(0.1)

    def last_log_lines(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])


def main() -> int:
    parser = argparse.ArgumentParser(prog="make observe", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--target", default="localhost:9000", help="address of the service's metrics (%(default)s)")
    parser.add_argument("--port", type=int, default=9090, help="port of Prometheus (%(default)s)")
    parser.add_argument("--alertmanager-port", type=int, default=9093, help="port of Alertmanager (%(default)s)")
    given = parser.parse_args()
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    try:
        with tempfile.TemporaryDirectory(prefix="cifar10-observe-") as folder:
            observe(Path(folder), given.target, given.port, given.alertmanager_port)
    except ObserveError as error:
        print(f"observe: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", flush=True)
    return 0


def observe(folder: Path, target: str, port: int, alertmanager_port: int) -> None:
    """Run both until interrupted; raises :class:`ObserveError` if one ends."""
    prometheus_file, alertmanager_file = find("prometheus"), find("alertmanager", "prometheus-alertmanager")
    if prometheus_file is None or alertmanager_file is None:
        missing = " and ".join(
            name for name, file in (("Prometheus", prometheus_file), ("Alertmanager", alertmanager_file)) if not file
        )
        raise ObserveError(f"{missing} not found. Install with:\n{INSTALL}")
    port, alertmanager_port = free(port), free(alertmanager_port)
    lay_out(
        folder, {"cifar10": target, "prometheus": f"localhost:{port}", "alertmanager": f"localhost:{alertmanager_port}"}
    )
    with (
        running("Alertmanager", alertmanager_port, folder, alertmanager_file, [
            f"--config.file={HERE / 'alertmanager' / 'alertmanager.yml'}",
            f"--storage.path={folder / 'alertmanager'}",
            "--cluster.listen-address=",
        ]) as alertmanager,
        running("Prometheus", port, folder, prometheus_file, [
            f"--config.file={folder / 'prometheus' / 'prometheus.yml'}",
            f"--storage.tsdb.path={folder / 'tsdb'}",
            "--enable-feature=exemplar-storage",
        ]) as prometheus,
    ):  # fmt: skip
        for each in (alertmanager, prometheus):
            each.wait_until_ready()
        print(welcome(target, prometheus, alertmanager), flush=True)
        while not (prometheus.ended or alertmanager.ended):
            time.sleep(0.2)
        gone = prometheus if prometheus.ended else alertmanager
        raise ObserveError(f"{gone.name} has ended. Its last log lines:\n{gone.last_log_lines()}")


def find(*names: str) -> str | None:
    """The path of the first name that is an installed program."""
    return next((path for name in names if (path := shutil.which(name))), None)


def free(port: int) -> int:
    """The port, or another one if it is in use, for example by Debian's Prometheus service."""
    for candidate in (port, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", candidate))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ObserveError("no port of 127.0.0.1 is free")


def lay_out(folder: Path, targets: dict[str, str]) -> None:
    """Copy the configuration with other targets; prometheus.yml has relative paths."""
    shutil.copytree(HERE / "prometheus", folder / "prometheus")
    (folder / "rules").symlink_to(HERE / "rules")
    for name, target in targets.items():
        (folder / "prometheus" / "targets" / f"{name}.yaml").write_text(f'- targets: ["{target}"]\n')


@contextmanager
def running(name: str, port: int, folder: Path, file: str, arguments: list[str]) -> Iterator[Program]:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [file, *arguments, f"--web.listen-address=127.0.0.1:{port}"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches only this process, which then ends the program
        )
    try:
        yield Program(name, port, log, process)
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def answers(address: str, path: str) -> bool:
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=5) as response:
            return bool(response.status == 200)
    except (OSError, urllib.error.URLError):
        return False


def welcome(target: str, prometheus: Program, alertmanager: Program) -> str:
    lines = [
        f"alerts      {prometheus.url}/alerts",
        f"targets     {prometheus.url}/targets",
        f"error rate  {prometheus.url}/graph?g0.tab=0&g0.expr=job%3Acifar10_slo_errors_per_request%3Aratio_rate5m",
        f"delivery    {alertmanager.url}",
        "Ctrl-C stops both.",
    ]
    if not answers(target, "/metrics"):
        lines.insert(
            0, f"Nothing serves metrics on {target} yet: start the service with 'make run' in another terminal."
        )
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
