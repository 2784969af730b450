"""The real kubectl against a fake API server that serves what was recorded."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from k8s.doctor.fields import kind
from k8s.doctor.logs import Logs
from k8s.doctor.snapshot import Snapshot
from tests.k8s.apiserver.discovery import RESOURCES
from tests.k8s.apiserver.snapshot import served
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft

ROOT = Path(__file__).parents[3]

pytestmark = pytest.mark.usefixtures("kubectl")


@pytest.fixture
def kubectl(require_tool: Callable[[str, str], str]) -> str:
    return require_tool("kubectl", "kubernetes-client")


def doctor(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it as a user does; kubectl's cache of discovery goes into the folder."""
    environment = {**os.environ, "HOME": str(folder), "KUBECACHEDIR": str(folder / "cache"), "KUBECONFIG": "/nowhere"}
    command = [sys.executable, "-m", "k8s.doctor", *arguments]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=100, check=False)


def verdict(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    parsed = json.loads(done.stdout)
    assert len(parsed["workloads"]) == 1, done.stdout
    return dict(parsed["workloads"][0])


def lively(snapshot: Snapshot) -> Snapshot:
    """With the log lines said to be the pod's, as a server knows them."""
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


def test_what_was_saved_gives_the_same_verdict(tmp_path: Path) -> None:
    folder = tmp_path / "fault"
    with served(lively(snapshots.named("crash-exit-78-bad-config")), tmp_path) as (_, config):
        live = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json", "--save", str(folder))
    saved = doctor(tmp_path, "--from", str(folder), "-o", "json")
    assert sorted(each.name for each in folder.iterdir()) == [
        "about.json", "events.json", "logs-previous.txt", "logs.txt", "nodes.json", "objects.json",
    ]  # fmt: skip
    assert json.loads(saved.stdout) == json.loads(live.stdout)
    assert saved.returncode == live.returncode == 1


def test_a_monitor_is_read_where_the_cluster_has_them(tmp_path: Path) -> None:
    with served(drills.service_monitor_selects_nothing().snapshot(), tmp_path, monitoring=True) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json")
    assert verdict(done)["cause"] == "service-monitor-selects-nothing"


def test_forbidden_kinds_are_named_and_the_rest_is_diagnosed(tmp_path: Path) -> None:
    forbidden = ("nodes", "networkpolicies", "events", "configmaps")
    with served(lively(snapshots.named("image-tag-not-found")), tmp_path, forbidden=forbidden) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json")
    assert verdict(done)["cause"] == "image-not-found"
    unread = " ".join(json.loads(done.stdout)["unread"])
    assert all(f'cannot list resource "{each}"' in unread for each in forbidden)


def test_forbidden_pods_leave_it_not_knowing(tmp_path: Path) -> None:
    snapshot = lively(snapshots.named("crash-wrong-entry"))
    with served(replace(snapshot, events=[]), tmp_path, forbidden=("pods",)) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "-o", "json")
    assert (done.returncode, verdict(done)["cause"]) == (3, "unknown")


def test_nothing_may_be_read(tmp_path: Path) -> None:
    everything = [plural for resources in RESOURCES.values() for plural in resources]
    with served(snapshots.named("healthy"), tmp_path, forbidden=everything) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "deployment/cifar10-deployment")
    assert done.returncode == 2
    assert "forbidden" in done.stderr


def test_a_server_that_does_not_answer_is_given_up(tmp_path: Path) -> None:
    with served(snapshots.named("healthy"), tmp_path, hang=threading.Event()) as (_, config):
        done = doctor(tmp_path, f"--kubeconfig={config}", "--timeout=1")
    assert done.returncode == 2
    assert "doctor: " in done.stderr


def test_no_server_at_all(tmp_path: Path) -> None:
    with served(snapshots.named("healthy"), tmp_path) as (_, config):
        pass
    done = doctor(tmp_path, f"--kubeconfig={config}")
    assert done.returncode == 2
    assert "refused" in done.stderr


def test_neither_secrets_nor_values_of_config_maps_nor_passwords_are_saved(tmp_path: Path) -> None:
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
