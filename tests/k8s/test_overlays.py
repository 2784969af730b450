"""What the overlays and components change, and that it arrived."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.settings import Settings
from tests.k8s.builds import COMBINATIONS, COMPONENTS, OVERLAYS
from tests.k8s.compose import combine
from tests.k8s.manifests import K8S, Manifests, build

Built = Callable[[str], Manifests]


def test_every_component_is_in_a_combination() -> None:
    there = {path.parent.name for path in K8S.glob("components/*/kustomization.yaml")}
    assert {each for combination in COMBINATIONS for each in combination} == there == {*COMPONENTS}
    assert {str(path.parent.relative_to(K8S)) for path in K8S.glob("overlays/*/kustomization.yaml")} == {*OVERLAYS}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_changed_setting_rolls_the_pods(built: Built, overlay: str) -> None:
    (source,) = built(overlay).container["envFrom"]
    name = source["configMapRef"]["name"]
    assert name.startswith("cifar10-settings-")  # and a hash
    assert built(overlay).named("ConfigMap", name)


def test_on_a_laptop_one_small_replica_is_enough(built: Built) -> None:
    assert built("overlays/local").deployment["spec"]["replicas"] == 1
    assert Settings.from_env(built("overlays/local").environment()).cpu_threads == 1


def test_production_lives_in_a_namespace_that_lets_in_restricted_pods_only(built: Built) -> None:
    production = built("overlays/production")
    (namespace,) = production.of("Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    others = [each for each in production.objects if each["kind"] != "Namespace"]
    assert {each["metadata"]["namespace"] for each in others} == {namespace["metadata"]["name"]}


def test_production_opens_no_port_of_the_nodes(built: Built) -> None:
    services = built("overlays/production").of("Service")
    assert {service["spec"].get("type", "ClusterIP") for service in services} == {"ClusterIP"}


def test_production_keeps_prometheus_where_it_is(built: Built) -> None:
    (binding,) = built("overlays/production").of("RoleBinding")
    assert binding["subjects"][0]["namespace"] == "monitoring"  # kustomize moves what it takes for ours


@pytest.mark.parametrize("kind", ["ServiceMonitor", "PrometheusRule"])
def test_the_helm_chart_finds_what_is_for_its_prometheus_by_the_release(built: Built, kind: str) -> None:
    def release(name: str) -> Any:
        (found,) = built(name).of(kind)
        return found["metadata"]["labels"].get("release")

    assert release("monitoring-helm-stack") == "kube-prometheus-stack"
    assert release("monitoring") is None


def test_with_a_cpu_limit_the_threads_are_as_many_as_the_cores(built: Built) -> None:
    manifests = built("cpu-limit")
    assert manifests.container["resources"]["limits"]["cpu"] == "2"
    assert Settings.from_env(manifests.environment()).cpu_threads == 2


def test_without_one_the_threads_are_what_was_requested(built: Built) -> None:
    assert Settings.from_env(built("base").environment()).cpu_threads == 1


@pytest.mark.parametrize("name", ["registry", "overlays/local:registry", "overlays/production:registry"])
def test_the_registry_has_the_same_image(built: Built, name: str) -> None:
    assert built(name).container["image"] == "localhost:5000/cifar-api-cpu:v1"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_on_top_of_an_overlay_too_the_registry_has_the_image(kubectl: str, tmp_path: Path, overlay: str) -> None:
    manifests = build(kubectl, combine(tmp_path, ["registry"], on=overlay))
    assert manifests.container["image"] == "localhost:5000/cifar-api-cpu:v1"


def test_the_collector_is_named_and_the_pod_names_itself(built: Built) -> None:
    environment = built("otel").environment()
    assert environment["OTEL_EXPORTER_OTLP_ENDPOINT"].endswith(":4318")
    attributes = dict(pair.split("=") for pair in environment["OTEL_RESOURCE_ATTRIBUTES"].split(","))
    assert {"service.instance.id", "k8s.pod.name", "k8s.namespace.name", "k8s.node.name"} <= attributes.keys()
