"""How many replicas there are, and who says so."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from service.app import create_app
from service.settings import Settings
from tests.k8s.builds import SCALERS
from tests.k8s.compose import combine
from tests.k8s.manifests import K8S, Manifests, Object, build, read

Built = Callable[[str], Manifests]


def scaler(manifests: Manifests) -> Object:
    (found,) = [*manifests.of("HorizontalPodAutoscaler"), *manifests.of("ScaledObject")]
    return found


def test_production_without_an_autoscaler_has_three_replicas(built: Built) -> None:
    manifests = built("overlays/production:monitoring+network-policy+otel")
    assert manifests.deployment["spec"]["replicas"] == 3


@pytest.mark.parametrize("component", SCALERS)
def test_production_with_an_autoscaler_has_three_replicas_and_more(built: Built, component: str) -> None:
    manifests = built(f"overlays/production:{component}+monitoring+network-policy+otel")
    spec = scaler(manifests)["spec"]
    assert spec.get("minReplicas", spec.get("minReplicaCount")) == 3
    assert spec.get("maxReplicas", spec.get("maxReplicaCount")) == 12
    assert "replicas" not in manifests.deployment["spec"]


@pytest.mark.parametrize("component", SCALERS)
def test_on_a_laptop_too_the_autoscaler_says_how_many(built: Built, component: str) -> None:
    manifests = built(f"overlays/local:{component}")
    assert scaler(manifests)
    assert "replicas" not in manifests.deployment["spec"]


@pytest.mark.parametrize(
    ("overlay", "component"), [*(("overlays/local", each) for each in SCALERS), ("overlays/production", "keda")]
)
def test_on_top_of_an_overlay_an_autoscaler_is_the_only_one(
    kubectl: str, tmp_path: Path, overlay: str, component: str
) -> None:
    manifests = build(kubectl, combine(tmp_path, [component], on=overlay))
    assert scaler(manifests)
    assert "replicas" not in manifests.deployment["spec"]


def test_keda_is_let_in_to_the_prometheus_that_it_asks(built: Built) -> None:
    (policy,) = read(K8S / "components/keda/prometheus-access.yaml").objects
    (trigger,) = scaler(built("keda"))["spec"]["triggers"]
    (rule,) = policy["spec"]["ingress"]
    address = f"http://prometheus-k8s.{policy['metadata']['namespace']}.svc:{rule['ports'][0]['port']}"
    assert trigger["metadata"]["serverAddress"] == address
    assert policy not in built("keda").of("NetworkPolicy")  # an overlay's namespace would move it


def test_the_metric_that_replicas_follow_is_the_servers(built: Built) -> None:
    metrics = create_app(Settings(), None).extensions["predictor"].metrics
    exported = {family.name for family in metrics.registry.collect()}
    hpa, keda = scaler(built("hpa-active-requests")), scaler(built("keda"))
    (followed,) = [each["pods"]["metric"]["name"] for each in hpa["spec"]["metrics"] if each["type"] == "Pods"]
    rules = yaml.safe_load((K8S / "components/hpa-active-requests/adapter-rule.yaml").read_text())
    assert followed in exported
    assert followed in keda["spec"]["triggers"][0]["metadata"]["query"]
    assert followed in rules["rules"]["custom"][0]["seriesQuery"]
