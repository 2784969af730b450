"""The JSON in the repository is what the code generates; a Grafana on Kubernetes gets it as ConfigMaps."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from dashboards import __main__ as command
from dashboards.links import RUNBOOKS
from dashboards.queries import FOLDER, dashboards
from tests.k8s.manifests import K8S, build

MOST_BYTES = 200 * 1024
"""``kubectl apply`` stores an object in an annotation, which is limited to 256 KiB."""


@pytest.fixture(scope="module")
def made() -> dict[str, str]:
    return dict(command.texts())


def test_making_them_again_changes_nothing(made: dict[str, str]) -> None:
    assert {path.name: path.read_text() for path in FOLDER.glob("*.json")} == made


def test_each_is_small_enough_to_be_applied(made: dict[str, str]) -> None:
    assert max(len(text.encode()) for text in made.values()) < MOST_BYTES


def test_the_links_lead_to_where_a_team_has_its_runbooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "sys.argv", ["dashboards", "--into", str(tmp_path), "--runbooks", "https://runbooks.test/cifar10"]
    )
    command.main()
    written = "".join(path.read_text() for path in tmp_path.glob("*.json"))
    assert "https://runbooks.test/cifar10/Cifar10Down.md" in written
    assert RUNBOOKS not in written


def test_each_dashboard_is_a_config_map_that_grafanas_sidecar_collects(
    require_tool: Callable[[str, str], str], tmp_path: Path
) -> None:
    overlay = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "components": [os.path.relpath(FOLDER, tmp_path.resolve())],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(overlay))
    objects = build(require_tool("kubectl", "kubernetes-client"), tmp_path).objects
    assert {each["kind"] for each in objects} == {"ConfigMap"}
    assert all(each["metadata"]["labels"]["grafana_dashboard"] == "1" for each in objects)
    found = {each["metadata"]["name"]: each["data"] for each in objects}
    assert {
        name.replace("dashboard-", ""): {key: json.loads(text) for key, text in data.items()}
        for name, data in found.items()
    } == {uid: {f"{uid}.json": board} for uid, board in dashboards().items()}


def test_the_monitoring_component_brings_them() -> None:
    component = K8S / "components/monitoring"
    named = yaml.safe_load((component / "kustomization.yaml").read_text())["components"]
    assert FOLDER in {(component / each).resolve() for each in named}
