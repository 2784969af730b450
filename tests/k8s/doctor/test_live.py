"""The doctor with the real kubectl and a fake API server that serves recordings."""

import json
import os
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from k8s.doctor.__main__ import main
from k8s.doctor.fields import kind
from k8s.doctor.logs import Logs
from k8s.doctor.snapshot import Snapshot
from tests.k8s.apiserver.discovery import RESOURCES
from tests.k8s.apiserver.serving import served
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.usefixtures("kubectl")


def doctor(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the doctor as a command, with kubectl's cache in the folder."""
    environment = {**os.environ, "HOME": str(folder), "KUBECACHEDIR": str(folder / "cache"), "KUBECONFIG": "/nowhere"}
    command = [sys.executable, "-m", "k8s.doctor", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)


def verdict(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    parsed = json.loads(done.stdout)
    assert len(parsed["workloads"]) == 1, done.stdout
    return dict(parsed["workloads"][0])


def lively(snapshot: Snapshot) -> Snapshot:
    """The snapshot with its log lines attributed to the pod."""
    pod = next(each for each in snapshot.items if kind(each) == "Pod")
    key = (pod["metadata"]["name"], pod["spec"]["containers"][0]["name"])
    return replace(snapshot, logs=Logs({key: snapshot.logs.loose}), previous=Logs({key: snapshot.previous.loose}))


@pytest.mark.parametrize("drill", ["crash-exit-78-bad-config", "unschedulable-cpu"])
def test_a_live_fault_is_diagnosed_with_get_requests_only(drill: str, tmp_path: Path) -> None:
    with served(lively(snapshots.named(drill)), tmp_path) as (fake, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json")
    assert done.returncode == 1, done.stderr
    assert verdict(done)["cause"] == snapshots.DRILLS[drill]
    assert json.loads(done.stdout)["unread"] == []  # kinds that the cluster does not have are no news
    assert {method for method, _ in fake.asked} == {"GET"}
    assert not [path for _, path in fake.asked if "secrets" in path]


def test_a_saved_cluster_gives_the_same_verdict(tmp_path: Path) -> None:
    folder = tmp_path / "fault"
    with served(lively(snapshots.named("crash-exit-78-bad-config")), tmp_path) as (_, config):
        live = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json", "--save", str(folder))
    saved = doctor(tmp_path, "--from", str(folder), "-o", "json")
    assert sorted(each.name for each in folder.iterdir()) == [
        "about.json", "events.json", "logs-previous.txt", "logs.txt", "nodes.json", "objects.json",
    ]  # fmt: skip
    assert json.loads(saved.stdout) == json.loads(live.stdout)
    assert saved.returncode == live.returncode == 1


def test_service_monitors_are_read_if_the_cluster_has_the_kind(tmp_path: Path) -> None:
    with served(drills.service_monitor_selects_nothing().snapshot(), tmp_path, monitoring=True) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json")
    assert verdict(done)["cause"] == "service-monitor-selects-nothing"


def test_forbidden_kinds_are_reported_and_the_rest_is_diagnosed(tmp_path: Path) -> None:
    forbidden = ("nodes", "networkpolicies", "events", "configmaps")
    with served(lively(snapshots.named("image-tag-not-found")), tmp_path, forbidden=forbidden) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json")
    assert verdict(done)["cause"] == "image-not-found"
    unread = " ".join(json.loads(done.stdout)["unread"])
    assert all(f'cannot list resource "{each}"' in unread for each in forbidden)


def test_without_permission_for_pods_the_cause_is_unknown(tmp_path: Path) -> None:
    snapshot = lively(snapshots.named("crash-wrong-entry"))
    with served(replace(snapshot, events=[]), tmp_path, forbidden=("pods",)) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json")
    assert (done.returncode, verdict(done)["cause"]) == (3, "unknown")


def test_without_any_permission_the_doctor_fails(tmp_path: Path) -> None:
    everything = [plural for resources in RESOURCES.values() for plural in resources]
    with served(snapshots.named("healthy"), tmp_path, forbidden=everything) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "deployment/cifar10-deployment")
    assert done.returncode == 2
    assert "forbidden" in done.stderr


@pytest.mark.usefixtures("config")
def test_an_unresponsive_server_times_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("k8s.doctor.kubectl.SLACK_SECONDS", 0.5)
    with served(snapshots.named("healthy"), tmp_path, hang=threading.Event()) as (_, config):
        assert main([f"--kubeconfig={config}", "--timeout=0.5"]) == 2
    assert "no answer within 1 s" in capsys.readouterr().err


def test_a_refused_connection_is_reported(tmp_path: Path) -> None:
    with served(snapshots.named("healthy"), tmp_path) as (_, config):
        pass
    done = doctor(tmp_path, f"--kubeconfig={config}")
    assert done.returncode == 2
    assert "refused" in done.stderr


def test_secrets_config_map_values_and_passwords_are_not_saved(tmp_path: Path) -> None:
    draft = Draft("healthy")
    draft.items.append(
        {"kind": "Secret", "metadata": {"name": "s", "namespace": "healthy"}, "data": {"k": "c2VjcmV0LTE="}}
    )
    draft.items.append(
        {"kind": "ConfigMap", "metadata": {"name": "c", "namespace": "healthy"}, "data": {"k": "value-2"}}
    )
    draft.each_container(env=[{"name": "DB_PASSWORD", "value": "value-3"}, {"name": "LEVEL", "value": "debug"}])
    notes = {"kubectl.kubernetes.io/last-applied-configuration": "value-4"}
    draft.one("Deployment")["metadata"]["annotations"].update(notes)
    folder = tmp_path / "saved"
    with served(draft.snapshot(), tmp_path) as (_, config):
        assert doctor(tmp_path, f"--kubeconfig={config}", "--save", str(folder)).returncode == 0
    content = "".join(each.read_text() for each in folder.iterdir())
    assert not [each for each in ("c2VjcmV0LTE=", "value-2", "value-3", "value-4") if each in content]
    assert "debug" in content
