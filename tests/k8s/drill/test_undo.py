"""Applying the healthy overlay again takes every fault back, as the real kubectl does it."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from k8s.drill.catalogue import drills
from tests.k8s.apiserver import kubeconfig
from tests.k8s.apiserver.discovery import MONITORING, RESOURCES
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving
from tests.k8s.faults.difference import difference
from tests.k8s.manifests import Manifests, Object

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


def test_every_fault_is_undone_by_applying_the_healthy_overlay(
    kubectl: str, built: Callable[[str], Manifests], config: Path, tmp_path: Path
) -> None:
    """Each in a namespace of its own, all at once; what a fault added is deleted by the runner."""
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
        kubeconfig.write(config, fake.port, "kind-drill")
        for state in (touched, changed, touched):
            apply(kubectl, tmp_path / "all.yaml", [each for name in state for each in within(name, state[name])])
            for name, objects in state.items():
                live = Manifests([found(fake, name, each) for each in objects])
                assert difference(Manifests(objects), live) == {}, name


def identity(each: Object) -> tuple[Any, ...]:
    return each["kind"], each["metadata"]["name"]


def found(fake: FakeApiServer, namespace: str, each: Object) -> Object:
    """As the server has it, without what servers and kubectl add."""
    live = fake.named(RESOURCE[each["kind"]], each["metadata"]["name"], namespace)
    assert live is not None
    annotations = dict(live["metadata"]["annotations"])
    del annotations["kubectl.kubernetes.io/last-applied-configuration"]
    metadata = {
        key: value for key, value in live["metadata"].items() if key in each["metadata"] and key != "annotations"
    }
    return live | {"metadata": metadata | ({"annotations": annotations} if annotations else {})}
