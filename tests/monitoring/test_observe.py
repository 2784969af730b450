"""``make observe`` with the installed Prometheus and Alertmanager."""

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from monitoring import observe
from tests.e2e.server import eventually, free_ports
from tests.http_server import Handler, serving

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "monitoring/observe.py"]

pytestmark = pytest.mark.e2e


@pytest.fixture
def tools(require_tool: Callable[[str, str], str]) -> None:
    require_tool("prometheus", "prometheus")
    require_tool("prometheus-alertmanager", "prometheus-alertmanager")


@pytest.fixture
def target() -> Iterator[str]:
    """A server with metrics."""

    class Metrics(Handler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.end_headers()
            self.wfile.write(b"cifar10_ready 1\n")

    with serving(Metrics) as port:
        yield f"127.0.0.1:{port}"


@contextmanager
def observing(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()  # not kill: it stops two other processes
        process.communicate(timeout=30)


def printed(process: "subprocess.Popen[str]") -> str:
    """Its output until both programs are ready."""
    assert process.stdout is not None
    lines: list[str] = []
    while not (lines and lines[-1].startswith("Ctrl-C")):
        lines.append(process.stdout.readline())
        assert lines[-1], process.stderr and process.stderr.read()
    return "".join(lines)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.usefixtures("tools")
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_watches_the_service_until_it_is_stopped(target: str, stop: signal.Signals) -> None:
    port, other = free_ports()
    with observing("--target", target, "--port", str(port), "--alertmanager-port", str(other)) as process:
        text = printed(process)
        assert f"http://localhost:{port}/alerts" in text
        assert f"http://localhost:{other}" in text
        assert "Nothing serves" not in text
        api = f"http://127.0.0.1:{port}/api/v1"
        groups = requests.get(f"{api}/rules", timeout=10).json()["data"]["groups"]
        assert {"cifar10-slo", "cifar10-service"} <= {group["name"] for group in groups}

        def scraped() -> bool:
            found = requests.get(f"{api}/query", params={"query": 'up{job="cifar10"}'}, timeout=10).json()
            return [each["value"][1] for each in found["data"]["result"]] == ["1"]

        eventually(scraped, within=60, what="the first scrape")
        started = children(process.pid)
        assert len(started) == 2
        process.send_signal(stop)
        assert process.wait(30) == 0
        assert [pid for pid in started if Path(f"/proc/{pid}").exists()] == []


@pytest.mark.usefixtures("tools")
def test_it_reports_that_no_service_is_running(tmp_path: Path) -> None:
    port, other = free_ports()
    with observing("--target", "127.0.0.1:9", "--port", str(port), "--alertmanager-port", str(other)) as process:
        assert printed(process).startswith("Nothing serves metrics on 127.0.0.1:9 yet")


@pytest.mark.usefixtures("tools")
def test_when_one_program_exits_the_other_is_stopped(target: str) -> None:
    port, other = free_ports()
    with observing("--target", target, "--port", str(port), "--alertmanager-port", str(other)) as process:
        printed(process)
        first, second = children(process.pid)
        os.kill(first, signal.SIGKILL)
        assert process.wait(30) == 1
        assert not Path(f"/proc/{second}").exists()
        assert process.stderr is not None
        assert "has ended" in process.stderr.read()


def test_a_port_that_is_taken_is_left_alone() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert observe.free(port) != port


def test_what_is_missing_is_named_with_the_command_that_installs_it(tmp_path: Path) -> None:
    done = subprocess.run([*COMMAND], cwd=ROOT, env={"PATH": str(tmp_path)}, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("observe: Prometheus and Alertmanager not found.")
    (packages,) = re.findall(r"apt-get install (.*)", done.stderr)
    assert set(packages.split()) <= set(re.findall(r":(\S+)$", (ROOT / ".ci" / "run").read_text(), re.MULTILINE))


def test_the_readme_shows_what_it_prints(tmp_path: Path) -> None:
    with subprocess.Popen(["true"]) as process:
        both = [observe.Program(name, port, tmp_path, process) for name, port in (("P", 9090), ("A", 9093))]
        shown = observe.welcome("127.0.0.1:9", *both).splitlines()[1:]
    assert "\n".join(["$ make observe", *shown]) in (ROOT / "monitoring" / "README.md").read_text()


def test_make_passes_everything_on() -> None:
    done = subprocess.run(
        ["make", "--dry-run", "observe", "ARGS=--target localhost:9001"],
        cwd=ROOT, env={"PATH": os.environ["PATH"]}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout.strip().endswith("monitoring/observe.py --target localhost:9001")
