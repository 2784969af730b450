"""Every object is one that the API server knows, field by field."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from tests.k8s.builds import BUILDS
from tests.k8s.manifests import K8S, Manifests, Object, read

pytestmark = pytest.mark.timeout(600)  # whichever test comes first waits for all builds

VERSIONS = ("1.30", "1.31", "1.32", "1.33", "1.34", "1.35", "1.36", "1.37")
CUSTOM = {path.stem: yaml.safe_load(path.read_text()) for path in Path(__file__).parent.glob("schemas/*.yaml")}


@pytest.fixture(scope="module")
def objects(built: Callable[[str], Manifests]) -> list[Object]:
    """The objects of all builds, and what is applied by itself, each once."""
    builds = [*(built(name) for name in BUILDS), read(K8S / "components/keda/prometheus-access.yaml")]
    return list({json.dumps(each, sort_keys=True): each for build in builds for each in build.objects}.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_kubernetes_knows_every_field(objects: list[Object], version: str, tmp_path: Path) -> None:
    own = [each for each in objects if each["kind"] not in CUSTOM]
    assert complaints(own, version, tmp_path / "objects.yaml") == []


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [("Deployment", "minReadySecond", 5), ("Service", "nodePort", 30080), ("NetworkPolicy", "policyTypes", "Ingress")],
)
def test_a_field_that_is_not_there_is_noticed(
    objects: list[Object], kind: str, path: str, value: object, tmp_path: Path
) -> None:
    bad = copy.deepcopy(next(each for each in objects if each["kind"] == kind))
    bad["spec"][path] = value
    assert complaints([bad], VERSIONS[0], tmp_path / "objects.yaml") != []


@pytest.mark.parametrize(
    ("kind", "version"),
    [("PodDisruptionBudget", "policy/v1beta1"), ("HorizontalPodAutoscaler", "autoscaling/v2beta2")],
)
def test_a_version_that_is_gone_is_noticed(objects: list[Object], kind: str, version: str, tmp_path: Path) -> None:
    old = next(each for each in objects if each["kind"] == kind) | {"apiVersion": version}
    assert complaints([old], VERSIONS[0], tmp_path / "objects.yaml") != []


@pytest.mark.parametrize("kind", CUSTOM)
def test_the_operators_know_every_field(objects: list[Object], kind: str) -> None:
    ours = [each for each in objects if each["kind"] == kind]
    assert ours
    for each in ours:
        jsonschema.validate(each, CUSTOM[kind])


@pytest.mark.parametrize("kind", CUSTOM)
def test_a_field_that_an_operator_does_not_know_is_noticed(objects: list[Object], kind: str) -> None:
    bad = copy.deepcopy(next(each for each in objects if each["kind"] == kind))
    for part in every_object_in(bad["spec"]):
        part["portt"] = "ops"
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, CUSTOM[kind])
        del part["portt"]


def every_object_in(value: Any) -> Iterable[Object]:
    if isinstance(value, dict):
        if "app.kubernetes.io/name" not in value:  # labels are free
            yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from every_object_in(each)


def complaints(objects: list[Object], version: str, path: Path) -> list[str]:
    path.write_text(yaml.safe_dump_all(objects))
    command = [sys.executable, "-m", "kubernetes_validate", "-k", version, "--strict", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    lines = [*done.stdout.splitlines(), *done.stderr.splitlines()]
    assert len(lines) >= len(objects)  # it has a line for each, a good one too
    return [line for line in lines if not line.startswith("INFO")]  # a kind that it does not know is but a warning
