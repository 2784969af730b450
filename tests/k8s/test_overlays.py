"""The changes of the overlays and components."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings
from tests.k8s.builds import COMBINATIONS, COMPONENTS, OVERLAYS, combine
from tests.k8s.manifests import K8S, Manifests, build

Built = Callable[[str], Manifests]


def test_every_component_is_in_a_combination() -> None:
    there = {path.parent.name for path in K8S.glob("components/*/kustomization.yaml")}
    assert {each for combination in COMBINATIONS for each in combination} == there == {*COMPONENTS}
    assert {str(path.parent.relative_to(K8S)) for path in K8S.glob("overlays/*/kustomization.yaml")} == {*OVERLAYS}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_changed_setting_restarts_the_pods(built: Built, overlay: str) -> None:
    (source,) = built(overlay).container["envFrom"]
    name = source["configMapRef"]["name"]
    assert name.startswith("cifar10-settings-")  # and a hash
    assert built(overlay).named("ConfigMap", name)


def test_the_local_overlay_has_one_small_replica(built: Built) -> None:
    assert built("overlays/local").deployment["spec"]["replicas"] == 1
    assert Settings.from_env(built("overlays/local").environment()).cpu_threads == 1


def test_the_namespace_of_production_enforces_restricted_pods(built: Built) -> None:
    production = built("overlays/production")
    (namespace,) = production.of("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    others = [each for each in production.objects if each["kind"] != "Namespace"]
    assert {each["metadata"]["namespace"] for each in others} == {namespace["metadata"]["name"]}


def test_production_has_no_node_port(built: Built) -> None:
    services = built("overlays/production").of("Service")
    assert {service["spec"].get("type", "ClusterIP") for service in services} == {"ClusterIP"}


def test_production_does_not_change_the_namespace_of_prometheus(built: Built) -> None:
    (binding,) = built("overlays/production").of("RoleBinding")
    assert binding["subjects"][0]["namespace"] == "monitoring"  # kustomize moves what it takes for ours


@pytest.mark.parametrize("kind", ["ServiceMonitor", "PrometheusRule"])
def test_monitoring_objects_have_the_label_of_the_helm_release(built: Built, kind: str) -> None:
    def release(name: str) -> Any:
        (found,) = built(name).of(kind)
        return found["metadata"]["labels"].get("release")

    assert release("monitoring-helm-stack") == "kube-prometheus-stack"
    assert release("monitoring") is None


def test_with_a_cpu_limit_the_threads_equal_the_limit(built: Built) -> None:
    manifests = built("cpu-limit")
    assert manifests.container["resources"]["limits"]["cpu"] == "2"
    assert Settings.from_env(manifests.environment()).cpu_threads == 2


def test_without_a_cpu_limit_the_threads_are_the_requested_cores(built: Built) -> None:
    assert Settings.from_env(built("base").environment()).cpu_threads == 1


@pytest.mark.parametrize("name", ["registry", "overlays/local:registry", "overlays/production:registry"])
def test_the_registry_component_sets_the_image(built: Built, name: str) -> None:
    assert built(name).container["image"] == "localhost:5000/cifar-api-cpu:v1"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_registry_component_sets_the_image_of_an_overlay(kubectl: str, tmp_path: Path, overlay: str) -> None:
    manifests = build(kubectl, combine(tmp_path, ["registry"], on=overlay))
    assert manifests.container["image"] == "localhost:5000/cifar-api-cpu:v1"


def test_traces_name_the_pod_and_go_to_the_collector(built: Built) -> None:
    environment = built("otel").environment()
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"].endswith(":4318")
    attributes = dict(pair.split("=") for pair in environment["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    assert {"service.instance.id", "k8s.pod.name", "k8s.namespace.name", "k8s.node.name"} <= attributes.keys()
