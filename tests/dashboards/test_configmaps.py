"""How the dashboards get to a Grafana on Kubernetes."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import yaml

from dashboards.queries import FOLDER, dashboards
from tests.k8s.manifests import K8S, build


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
