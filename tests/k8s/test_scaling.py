"""The number of replicas, and autoscalers."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from service.app import create_app
from service.settings import Settings
from tests.k8s.builds import SCALERS, combine
from tests.k8s.manifests import K8S, Manifests, Object, build, read

Built = Callable[[str], Manifests]


def scaler(manifests: Manifests) -> Object:
    (found,) = [*manifests.of("HorizontalPodAutoscaler"), *manifests.of("ScaledObject")]
    return found


def test_production_without_an_autoscaler_has_three_replicas(built: Built) -> None:
    manifests = built("overlays/production:monitoring+network-policy+otel")
    assert manifests.deployment["spec"]["replicas"] == 3


@pytest.mark.parametrize("component", SCALERS)
def test_production_with_an_autoscaler_has_at_least_three_replicas(built: Built, component: str) -> None:
    manifests = built(f"overlays/production:{component}+monitoring+network-policy+otel")
    spec = scaler(manifests)["spec"]
    assert spec.get("minReplicas", spec.get("minReplicaCount")) == 3
    assert spec.get("maxReplicas", spec.get("maxReplicaCount")) == 12
    assert "replicas" not in manifests.deployment["spec"]


@pytest.mark.parametrize("component", SCALERS)
def test_an_autoscaler_sets_the_replicas_in_the_local_overlay(built: Built, component: str) -> None:
    manifests = built(f"overlays/local:{component}")
    assert scaler(manifests)
    assert "replicas" not in manifests.deployment["spec"]


@pytest.mark.parametrize(
    ("overlay", "component"), [*(("overlays/local", each) for each in SCALERS), ("overlays/production", "keda")]
)
def test_an_autoscaler_added_to_an_overlay_sets_the_replicas(
    kubectl: str, tmp_path: Path, overlay: str, component: str
) -> None:
    manifests = build(kubectl, combine(tmp_path, [component], on=overlay))
    assert scaler(manifests)
    assert "replicas" not in manifests.deployment["spec"]


def test_keda_may_connect_to_the_prometheus_that_it_queries(built: Built) -> None:
    (policy,) = read(K8S / "components/keda/prometheus-access.yaml").objects
    (trigger,) = scaler(built("keda"))["spec"]["triggers"]
    (rule,) = policy["spec"]["ingress"]
    address = f"http://prometheus-k8s.{policy['metadata']['namespace']}.svc:{rule['ports'][0]['port']}"
    assert trigger["metadata"]["serverAddress"] == address
    assert policy not in built("keda").of("NetworkPolicy")  # an overlay's namespace would move it


def test_the_metric_that_replicas_follow_is_the_servers(built: Built) -> None:
    metrics = create_app(Settings(), None).extensions["predictor"].ops.test_client().get("/metrics").text
    exported = {family.name for family in text_string_to_metric_families(metrics)}
    hpa, keda = scaler(built("hpa-active-requests")), scaler(built("keda"))
    (followed,) = [each["pods"]["metric"]["name"] for each in hpa["spec"]["metrics"] if each["type"] == "Pods"]
    rules = yaml.safe_load((K8S / "components/hpa-active-requests/adapter-rule.yaml").read_text())
    assert followed in exported
    assert followed in keda["spec"]["triggers"][0]["metadata"]["query"]
    assert followed in rules["rules"]["custom"][0]["seriesQuery"]
