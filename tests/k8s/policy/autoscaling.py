"""Autoscalers."""

import re
from collections.abc import Iterator

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import rule
from tests.k8s.policy.scraping import JOB

KUBE_PROMETHEUS = "http://prometheus-k8s.monitoring.svc:9090"
HELM_STACK = "http://kube-prometheus-stack-prometheus.monitoring.svc:9090"
KEDA_DEFAULTS = {"apiVersion": "apps/v1", "kind": "Deployment"}


@rule
def one_hand_sets_the_number_of_replicas(manifests: Manifests) -> Iterator[str]:
    scalers = _autoscalers(manifests)
    if len(scalers) > 1:
        yield "two autoscalers for one Deployment"
    if scalers and "replicas" in manifests.deployment["spec"]:
        yield "every apply undoes what the autoscaler did"
    if not scalers and "replicas" not in manifests.deployment["spec"]:
        yield "nobody says how many replicas there are"


@rule
def an_autoscaler_can_work(manifests: Manifests) -> Iterator[str]:
    deployment = manifests.deployment
    here = {key: deployment[key] for key in KEDA_DEFAULTS} | {"name": deployment["metadata"]["name"]}
    for scaler in _autoscalers(manifests):
        spec = scaler["spec"]
        defaults = KEDA_DEFAULTS if scaler["kind"] == "ScaledObject" else {}
        if defaults | spec["scaleTargetRef"] != here:
            yield "it scales what is not there"
        least = spec.get("minReplicas", spec.get("minReplicaCount", 1))
        if least < 2:
            yield "one replica is none while its node is drained"
        if least > spec.get("maxReplicas", spec.get("maxReplicaCount", 100)):
            yield "it may not have as many replicas as it must"
        if "cpu" not in manifests.container["resources"].get("requests", {}):
            yield "a share of the CPU request needs a CPU request"


@rule
def keda_asks_the_prometheus_that_scrapes_about_our_pods(manifests: Manifests) -> Iterator[str]:
    helm = any("release" in monitor["metadata"]["labels"] for monitor in manifests.of("ServiceMonitor"))
    for trigger in (trigger for scaler in manifests.of("ScaledObject") for trigger in scaler["spec"]["triggers"]):
        asked = trigger["metadata"]
        if asked["serverAddress"] != (HELM_STACK if helm else KUBE_PROMETHEUS):
            yield f"{asked['serverAddress']} is another Prometheus"
        matchers = {
            tuple(each.split("=", 1))
            for braces in re.findall(r"\{(.*?)\}", asked["query"])
            for each in braces.split(",")
        }
        if matchers != {("job", f'"{JOB}"'), ("namespace", f'"{manifests.namespace}"')}:
            yield f"{asked['query']} counts other pods than ours"


def _autoscalers(manifests: Manifests) -> list[Object]:
    return [*manifests.of("HorizontalPodAutoscaler"), *manifests.of("ScaledObject")]
