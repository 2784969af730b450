"""The workload is healthy again after a drill, and every fault can be undone."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s.drill.__main__ import INTERRUPTED, NOT_SEEN, SEEN
from k8s.drill.catalogue import drills
from k8s.drill.doctor import Opinion
from tests.e2e.server import eventually
from tests.k8s.apiserver.discovery import MONITORING, RESOURCES
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving, write_kubeconfig
from tests.k8s.drill.play import HEALTHY_IMAGE, NAME, drill, image, played
from tests.k8s.faults.difference import difference
from tests.k8s.manifests import ROOT, Manifests, Object

SCRIPT = "import sys; from k8s.drill.__main__ import main; sys.exit(main(sys.argv[1:], poll=0.05))"


def test_objects_that_a_fault_added_are_deleted(config: Path) -> None:
    with played(config, "pod-security-rejected") as fake:
        drill("quota-exceeded", "--timeout", "0.1")
        assert "POST /api/v1/namespaces/default/resourcequotas" in fake.changes
        assert fake.named("resourcequotas", "cifar10-quota") is None


def test_evicted_pods_are_removed(config: Path) -> None:
    with played(config, "evicted-empty-dir") as fake:
        assert drill("evicted-empty-dir") == SEEN
        phases = [each["status"]["phase"] for (resource, *_), each in fake.objects.items() if resource == "pods"]
    assert phases == ["Running"]
    assert len([each for each in fake.changes if each.startswith("DELETE") and "/pods/" in each]) == 2


def test_a_namespace_keeps_existing_and_loses_the_label(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with played(config, "pod-security-rejected") as fake:
        fake.put("namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}})
        assert drill("pod-security-rejected") == SEEN
        namespace = fake.named("namespaces", "default", namespace="")
    assert "PATCH /api/v1/namespaces/default" in fake.changes
    assert namespace is not None
    assert not namespace["metadata"].get("labels")


def test_an_object_that_a_fault_replaces_is_restored(config: Path) -> None:
    with played(config, "healthy") as fake:
        policy = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": "cifar10-network-policy", "namespace": "default"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress"]},
        }
        applied = {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": json.dumps(policy)}}
        fake.put("networkpolicies", policy | {"metadata": {**policy["metadata"], **applied}})  # type: ignore[dict-item]
        assert (
            drill("network-policy-blocks-scrapes", doctor=lambda _: Opinion(("network-policy-blocks-scrapes",), ""))
            == SEEN
        )
        found = fake.named("networkpolicies", "cifar10-network-policy")
    assert len([each for each in fake.changes if each.startswith("PATCH") and "networkpolicies" in each]) == 2
    assert found is not None
    assert found["spec"] == policy["spec"]


def test_an_object_that_cannot_be_restored_is_not_replaced(config: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with played(config, "healthy") as fake:
        metadata = {"name": "cifar10-quota", "namespace": "default"}
        fake.put("resourcequotas", {"apiVersion": "v1", "kind": "ResourceQuota", "metadata": metadata, "spec": {}})
        assert drill("quota-exceeded") == NOT_SEEN
        assert fake.changes == []
    assert "resourcequota/cifar10-quota exists" in capsys.readouterr().err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_an_interrupted_drill_restores_the_workload(config: Path, number: signal.Signals) -> None:
    with played(config, "healthy") as fake:  # so that it waits for what never comes
        with subprocess.Popen(
            [sys.executable, "-c", SCRIPT, "image-tag-not-found"],
            cwd=ROOT,
            env=os.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as run:
            eventually(lambda: fake.named("deployments", NAME) and image(fake) != HEALTHY_IMAGE, within=60)
            if number == signal.SIGINT:
                os.killpg(run.pid, number)  # as a terminal does: kubectl gets it too
            else:
                run.send_signal(number)
            told, _ = run.communicate(timeout=60)
        assert image(fake) == HEALTHY_IMAGE
    assert "Healthy again." in told
    assert run.returncode == INTERRUPTED


def test_a_closed_output_does_not_stop_the_clean_up(config: Path, run_unread: Callable[..., tuple[int, str]]) -> None:
    with played(config, "healthy") as fake:
        assert run_unread("-c", SCRIPT, "image-tag-not-found", "--timeout", "0.1") == (NOT_SEEN, "")
        patches = [each for each in fake.changes if each.startswith("PATCH") and NAME in each]
        assert len(patches) == 2  # the fault, and what ends it
        assert image(fake) == HEALTHY_IMAGE


pytestmark = pytest.mark.timeout(600)  # it waits for all builds

ALL = {**RESOURCES, **MONITORING}
RESOURCE = {kind: name for resources in ALL.values() for name, (kind, _) in resources.items()}


def apply(kubectl: str, path: Path, objects: list[Object]) -> None:
    path.write_text(yaml.safe_dump_all(objects))
    done = subprocess.run([kubectl, "apply", "-f", str(path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def within(namespace: str, objects: list[Object]) -> list[Object]:
    copies: list[Object] = yaml.safe_load(yaml.safe_dump(objects))
    return [each | {"metadata": each["metadata"] | {"namespace": namespace}} for each in copies]


def test_applying_the_healthy_overlay_undoes_every_fault(
    kubectl: str, built: Callable[[str], Manifests], config: Path, tmp_path: Path
) -> None:
    """All faults at once, each in its own namespace. Added objects are deleted by the runner instead."""
    healthy = list(built("overlays/local").objects)
    changed = {
        drill.name: [
            each
            for each in built(f"faults/{drill.name}").objects
            if each not in healthy and f"{each['kind']}/{each['metadata']['name']}" not in drill.added
        ]
        for drill in drills()
    }
    touched = {
        name: [each for each in healthy if identity(each) in map(identity, objects)]
        for name, objects in changed.items()
    }
    with serving(FakeApiServer(resources=ALL)) as fake:
        write_kubeconfig(config, fake.port, "kind-drill")
        for state in (touched, changed, touched):
            apply(kubectl, tmp_path / "all.yaml", [each for name in state for each in within(name, state[name])])
            for name, objects in state.items():
                live = Manifests([found(fake, name, each) for each in objects])
                assert difference(Manifests(objects), live) == {}, name


def identity(each: Object) -> tuple[Any, ...]:
    return each["kind"], each["metadata"]["name"]


def found(fake: FakeApiServer, namespace: str, each: Object) -> Object:
    """The live object, without fields that the server and kubectl add."""
    live = fake.named(RESOURCE[each["kind"]], each["metadata"]["name"], namespace)
    assert live is not None
    annotations = dict(live["metadata"]["annotations"])
    del annotations["kubectl.kubernetes.io/last-applied-configuration"]
    metadata = {
        key: value for key, value in live["metadata"].items() if key in each["metadata"] and key != "annotations"
    }
    return live | {"metadata": metadata | ({"annotations": annotations} if annotations else {})}
