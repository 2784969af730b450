"""The real server with faults that need no cluster: exit codes and logs are those of the drills."""

import re
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from k8s.drill.catalogue import load
from tests.container.engine import require_root
from tests.e2e.server import START_SECONDS, eventually
from tests.k8s.faults.process import command, started, variables
from tests.k8s.manifests import Manifests, quantity

pytestmark = [pytest.mark.e2e, pytest.mark.torch, pytest.mark.timeout(300)]

Built = Callable[[str], Manifests]


def ended(built: Built, name: str, folder: Path, *before: str, root: str = "/app") -> str:
    """The log of a process, after its exit code was checked. ``before`` is a command prefix, ``root`` replaces /app."""
    manifests = built(f"faults/{name}")
    argv = [*before, *(word.replace("/app", root) for word in command(manifests))]
    with started(folder, argv, variables(manifests, folder)[0]) as (process, log):
        code = process.wait(START_SECONDS)
        text = log.read_text()
    expected = load(name).signals.last_exit
    assert expected is not None
    assert (expected.reason, expected.code) == ("Error", code), text
    return text


def test_a_wrong_entry_exits_with_2_and_logs_the_file(built: Built, tmp_path: Path) -> None:
    assert re.search(r"can't open file '.*/wrong_entry\.py': \[Errno 2\]", ended(built, "crash-wrong-entry", tmp_path))


def test_an_invalid_setting_exits_with_78_and_logs_one_line(built: Built, tmp_path: Path) -> None:
    (line,) = ended(built, "crash-exit-78-bad-config", tmp_path).splitlines()
    assert line.startswith("cifar10: PREDICTOR_MAX_BATCH='many' is not valid: expected ")


def test_a_missing_module_exits_with_3(built: Built, tmp_path: Path) -> None:
    text = ended(built, "crash-bad-gunicorn-module", tmp_path)
    assert "No module named 'service.nope'" in text
    assert "Worker failed to boot" in text


def test_writing_to_a_read_only_root_exits_with_1(
    built: Built, tmp_path: Path, require_tool: Callable[[str, str], str]
) -> None:
    require_root()
    root = tmp_path / "app"
    root.mkdir()
    protect = f'mount --bind {root} {root} && mount -o remount,ro,bind {root} && exec "$@"'
    before = [require_tool("unshare", "util-linux"), "--mount", "sh", "-c", protect, "sh"]
    text = ended(built, "read-only-root", tmp_path, *before, root=str(root))
    assert "[Errno 30] Read-only file system" in text.splitlines()[-1]


def test_the_executable_does_not_exist(built: Built, tmp_path: Path) -> None:
    manifests = built("faults/crash-missing-executable")
    with (
        pytest.raises(FileNotFoundError, match="gunicron"),
        started(tmp_path, command(manifests), variables(manifests, tmp_path)[0]),
    ):
        pass


def test_with_a_damaged_model_the_server_is_live_but_never_ready(built: Built, tmp_path: Path) -> None:
    manifests = built("faults/model-damaged")
    environment, _, port = variables(manifests, tmp_path)

    def status(path: str) -> int:
        return requests.get(f"http://127.0.0.1:{port}{path}", timeout=30).status_code

    def failed() -> bool:
        with suppress(requests.ConnectionError):
            return bool(requests.get(f"http://127.0.0.1:{port}/readyz", timeout=30).json()["state"] == "failed")
        return False

    with started(tmp_path, command(manifests), environment) as (process, log):
        eventually(failed, within=START_SECONDS, what="the end of loading")
        wrong = {
            built("faults/readiness-failing").container["readinessProbe"]["httpGet"]["path"]: 404,
            built("faults/liveness-failing").container["livenessProbe"]["httpGet"]["path"]: 404,
        }
        expected = {"/readyz": 503, "/healthz": 200, **wrong}
        assert len(expected) == 4
        assert {path: status(path) for path in expected} == expected
        assert "the server cannot become ready: check weights failed: " in log.read_text()
        process.send_signal(signal.SIGTERM)  # as the kubelet does when the liveness probe has failed
        end = load("liveness-failing").signals.last_exit
        assert end is not None
        assert (end.reason, end.code) == ("Completed", process.wait(60))


def test_the_memory_limit_is_exceeded_only_under_load(built: Built, tmp_path: Path) -> None:
    """The Job's program sends the images. The memory is the worker's peak, as counted by the kernel."""
    manifests = built("faults/oom-under-load")
    limit = quantity(manifests.container["resources"]["limits"]["memory"])
    environment, port, ops_port = variables(manifests, tmp_path)
    (job,) = manifests.of("Job")
    (program,) = job["spec"]["template"]["spec"]["containers"][0]["args"]
    assert "http://cifar10-service/" in program
    here = program.replace("http://cifar10-service/", f"http://127.0.0.1:{port}/")

    def ready() -> bool:
        with suppress(requests.ConnectionError):
            return requests.get(f"http://127.0.0.1:{ops_port}/readyz", timeout=30).ok
        return False

    with started(tmp_path, command(manifests), environment) as (process, _):
        eventually(ready, within=START_SECONDS, what="readiness")
        (worker,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        assert peak(worker) < limit
        with subprocess.Popen([sys.executable, "-c", here]) as load:
            try:
                eventually(lambda: peak(worker) > limit, within=120, what=f"more than {limit:.0f} bytes")
            finally:
                load.kill()


def test_the_slow_start_outlasts_the_startup_probe(built: Built) -> None:
    container = built("faults/startup-too-slow").container
    (seconds,) = re.findall(r"^sleep (\d+);", container["command"][-1])
    probe = container["startupProbe"]
    assert int(seconds) > 2 * probe["periodSeconds"] * probe["failureThreshold"]


def test_a_shell_as_the_first_process_ignores_sigterm(built: Built, require_tool: Callable[[str, str], str]) -> None:
    """It therefore ends by SIGKILL after the grace period, with exit code 137."""
    require_root()
    shell = built("faults/startup-too-slow").container["command"][0]
    first = [require_tool("unshare", "util-linux"), "--pid", "--fork", shell, "-c", "kill -TERM $$; echo still here"]
    assert subprocess.run(first, capture_output=True, text=True).stdout == "still here\n"


def test_the_volume_is_filled_beyond_its_limit(built: Built) -> None:
    manifests = built("faults/evicted-empty-dir")
    words = dict(
        word.split("=") for word in manifests.container["lifecycle"]["postStart"]["exec"]["command"] if "=" in word
    )
    (volume,) = manifests.pod["volumes"]
    assert words["bs"] == "1M"
    assert int(words["count"]) * 2**20 > quantity(volume["emptyDir"]["sizeLimit"])
    assert int(words["count"]) * 2**20 < quantity(manifests.container["resources"]["limits"]["ephemeral-storage"])


def peak(pid: str) -> int:
    """The peak memory of a process, in bytes."""
    (kilobytes,) = re.findall(r"^VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(kilobytes) * 1024
