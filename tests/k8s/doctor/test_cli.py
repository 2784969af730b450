"""The command line: output and exit codes."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
import yaml

from k8s.doctor import causes, reading
from k8s.doctor.__main__ import main
from k8s.doctor.snapshot import save
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots.draft import RECORDINGS, Draft
from tests.k8s.doctor.snapshots.variants import workloads

ROOT = Path(__file__).parents[3]
README = ROOT / "k8s" / "doctor" / "README.md"


def recording(name: str) -> str:
    return str(RECORDINGS / name)


@pytest.mark.parametrize(("name", "code"), [("healthy", 0), ("oom-killed", 1), ("image-tag-not-found-early", 1)])
def test_a_fault_exits_with_1(name: str, code: int) -> None:
    assert main(["--from", recording(name)]) == code


def test_an_unknown_cause_exits_with_3(tmp_path: Path) -> None:
    save(workloads.nobody_knows().snapshot(), tmp_path)
    assert main(["--from", str(tmp_path)]) == 3


def test_a_rollout_in_progress_is_not_a_fault(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save(workloads.just_started().snapshot(), tmp_path)
    assert main(["--from", str(tmp_path)]) == 0
    assert "in-progress" in capsys.readouterr().out


@pytest.mark.parametrize("chosen", ["deployment/cifar10-deployment", "deploy/cifar10-deployment", "cifar10-deployment"])
def test_a_workload_is_selected_by_a_kubectl_reference(chosen: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", recording("oom-killed"), chosen]) == 1
    assert "out-of-memory" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["sts/cifar10-deployment"], ["nobody"], ["-n", "elsewhere"]])
def test_a_missing_workload_is_an_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", recording("oom-killed"), *arguments]) == 2
    assert "there is no workload" in capsys.readouterr().err


def test_a_missing_folder_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--from", str(tmp_path / "none")]) == 2
    assert "has no objects.json" in capsys.readouterr().err


def test_wrong_usage_exits_with_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--nonsense"])
    assert ended.value.code == 2


def test_a_missing_kubectl_is_reported_with_a_link(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 2
    assert "kubectl is not installed" in capsys.readouterr().err


def test_json_contains_the_whole_diagnosis(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--from", recording("service-wrong-target-port"), "-o", "json"])
    (found,) = json.loads(capsys.readouterr().out)["workloads"]
    assert found["cause"] == "service-port-wrong"
    assert found["evidence"][0] == {
        "object": "service/cifar10-service", "field": "spec.ports[0].targetPort", "value": "web",
    }  # fmt: skip
    assert found["fix"][0].startswith("kubectl patch service cifar10-service ")


def test_a_saved_folder_gives_the_same_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--from", recording("liveness-failing"), "-o", "json", "--save", str(tmp_path / "copy")])
    first = capsys.readouterr().out
    main(["--from", str(tmp_path / "copy"), "-o", "json"])
    assert json.loads(capsys.readouterr().out) == json.loads(first)


def test_several_healthy_workloads_take_a_line_each(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    draft = Draft("healthy")
    twin = Draft("healthy").renamed(healthy="shop")
    draft.items += twin.items
    save(draft.snapshot(), tmp_path)
    main(["--from", str(tmp_path)])
    assert capsys.readouterr().out.splitlines() == [
        "deployment/cifar10-deployment in healthy: healthy",
        "deployment/cifar10-deployment in shop: healthy",
    ]


def in_terminal(**environment: str) -> str:
    """The output on a terminal."""
    primary, secondary = pty.openpty()
    command = [sys.executable, "-m", "k8s.doctor", "--from", recording("oom-killed")]
    clean = {key: value for key, value in os.environ.items() if key != "NO_COLOR"}
    with subprocess.Popen(
        command, cwd=ROOT, stdout=secondary, env={**clean, "TERM": "xterm", **environment}
    ) as process:
        os.close(secondary)
        shown = b""
        while True:
            try:
                piece = os.read(primary, 4096)
            except OSError:  # the other side has closed
                break
            if not piece:
                break
            shown += piece
        process.wait(60)
    os.close(primary)
    return shown.decode()


def test_colours_are_for_terminals_only(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--from", recording("oom-killed")])
    assert "\x1b" not in capsys.readouterr().out
    assert "\x1b[1;31mout-of-memory\x1b[0m" in in_terminal()
    assert "\x1b" not in in_terminal(NO_COLOR="1")


@pytest.mark.parametrize("arguments", [("--causes",), ("--from", str(RECORDINGS / "healthy"))])
def test_a_closed_output_ends_it_quietly(
    arguments: tuple[str, ...], run_unread: Callable[..., tuple[int, str]]
) -> None:
    assert run_unread("-m", "k8s.doctor", *arguments) == (2, "")


def test_watching_prints_what_changes_and_ends_with_the_last_verdict(tmp_path: Path) -> None:
    save(snapshots.named("oom-killed"), tmp_path)
    command = [sys.executable, "-u", "-m", "k8s.doctor", "--from", str(tmp_path), "--watch", "0.05"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        guard = threading.Timer(60, process.kill)  # so that what never comes is not waited for
        guard.start()
        assert _until(process.stdout, "out-of-memory")
        shutil.copy(RECORDINGS / "healthy" / "objects.json", tmp_path / "new")
        (tmp_path / "new").replace(tmp_path / "objects.json")
        assert _until(process.stdout, ": healthy")
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        guard.cancel()


def _until(output: IO[str], word: str) -> str:
    return next((line for line in output if word in line), "")


def test_the_table_names_every_cause_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--causes"]) == 0
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split("`")[1] for row in rows] == [each.id for each in causes.CAUSES]
    assert len({each.id for each in causes.CAUSES}) == len(causes.CAUSES)


def test_the_role_in_the_readme_permits_every_request() -> None:
    role = yaml.safe_load(README.read_text().partition("```yaml\n")[2].partition("```")[0])
    granted = {
        (group, resource) for rule in role["rules"] for group in rule["apiGroups"] for resource in rule["resources"]
    }
    for resource in [
        *reading.CORE.values(),
        *reading.WIDE.values(),
        *reading.MONITORING.values(),
        "pods.metrics.k8s.io",
    ]:
        plural, _, group = resource.partition(".")
        assert (group, plural) in granted
    assert not [resource for _, resource in granted if "secret" in resource]
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"get", "list"}
