"""HorizontalPodAutoscaler and ScaledObject."""

import re
from collections.abc import Iterator

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import CONTAINER, COPY, DELETE, mutants, rule
from tests.k8s.policy.scraping import JOB

KUBE_PROMETHEUS = "http://prometheus-k8s.monitoring.svc:9090"
HELM_STACK = "http://kube-prometheus-stack-prometheus.monitoring.svc:9090"
KEDA_DEFAULTS = {"apiVersion": "apps/v1", "kind": "Deployment"}

HPA = "HorizontalPodAutoscaler"
KEDA = "overlays/production:keda+monitoring+network-policy+otel"
ASKED = "spec.triggers.0.metadata."


@rule(
    mutants(("spec.replicas", 3)),
    mutants(("spec.replicas", 3), build=KEDA),
    mutants(("", COPY), ("", DELETE), target=HPA),
    mutants(("", COPY), ("", DELETE), target="ScaledObject", build=KEDA),
    mutants(("spec.replicas", DELETE), build="base"),
)
def one_place_sets_the_number_of_replicas(manifests: Manifests) -> Iterator[str]:
    scalers = _autoscalers(manifests)
    if len(scalers) > 1:
        yield "two autoscalers for one Deployment"
    if scalers and "replicas" in manifests.deployment["spec"]:
        yield "each apply resets what the autoscaler set"
    if not scalers and "replicas" not in manifests.deployment["spec"]:
        yield "neither an autoscaler nor the Deployment sets the replicas"


@rule(
    mutants(
        ("spec.scaleTargetRef.name", "cifar10"),
        ("spec.scaleTargetRef.kind", "StatefulSet"),
        ("spec.scaleTargetRef.apiVersion", "extensions/v1beta1"),
        ("spec.minReplicas", 1),
        ("spec.minReplicas", 13),
        ("spec.maxReplicas", 2),
        target=HPA,
    ),
    mutants(
        ("spec.scaleTargetRef.name", "cifar10"),
        ("spec.scaleTargetRef.kind", "StatefulSet"),
        ("spec.minReplicaCount", 0),
        ("spec.maxReplicaCount", 2),
        target="ScaledObject",
        build=KEDA,
    ),
    mutants((CONTAINER + "resources.requests.cpu", DELETE)),
)
def an_autoscaler_can_scale_the_deployment(manifests: Manifests) -> Iterator[str]:
    deployment = manifests.deployment
    here = {key: deployment[key] for key in KEDA_DEFAULTS} | {"name": deployment["metadata"]["name"]}
    for scaler in _autoscalers(manifests):
        spec = scaler["spec"]
        defaults = KEDA_DEFAULTS if scaler["kind"] == "ScaledObject" else {}
        if defaults | spec["scaleTargetRef"] != here:
            yield "its target is not the Deployment"
        least = spec.get("minReplicas", spec.get("minReplicaCount", 1))
        if least < 2:
            yield "with one replica, draining its node leaves none"
        if least > spec.get("maxReplicas", spec.get("maxReplicaCount", 100)):
            yield "its minimum exceeds its maximum"
        if "cpu" not in manifests.container["resources"].get("requests", {}):
            yield "utilization of the CPU request needs a CPU request"


@rule(
    mutants(
        (ASKED + "serverAddress", "http://kube-prometheus-stack-prometheus.monitoring.svc:9090"),
        (ASKED + "query", 'sum(http_server_active_requests{job="cifar10"})'),
        (ASKED + "query", 'sum(http_server_active_requests{job="cifar10",namespace="default"})'),
        (ASKED + "query", "sum(http_server_active_requests)"),
        target="ScaledObject",
        build=KEDA,
    ),
    mutants(
        (ASKED + "serverAddress", "http://prometheus-k8s.monitoring.svc:9090"),
        target="ScaledObject",
        build="keda+monitoring-helm-stack",
    ),
)
def keda_queries_our_pods_in_the_prometheus_that_scrapes_them(manifests: Manifests) -> Iterator[str]:
    helm = any("release" in monitor["metadata"]["labels"] for monitor in manifests.of("ServiceMonitor"))
    for trigger in (trigger for scaler in manifests.of("ScaledObject") for trigger in scaler["spec"]["triggers"]):
        asked = trigger["metadata"]
        if asked["serverAddress"] != (HELM_STACK if helm else KUBE_PROMETHEUS):
            yield f"{asked['serverAddress']} is not the Prometheus that scrapes the pods"
        matchers = {
            tuple(each.split("=", 1))
            for braces in re.findall(r"\{(.*?)\}", asked["query"])
            for each in braces.split(",")
        }
        if matchers != {("job", f'"{JOB}"'), ("namespace", f'"{manifests.namespace}"')}:
            yield f"{asked['query']} selects other pods"


def _autoscalers(manifests: Manifests) -> list[Object]:
    return [*manifests.of("HorizontalPodAutoscaler"), *manifests.of("ScaledObject")]
