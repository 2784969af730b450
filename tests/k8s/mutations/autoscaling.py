"""What breaks the rules about autoscalers."""

from tests.k8s.mutations.mutation import CONTAINER, COPY, DELETE, broken_by

HPA = "HorizontalPodAutoscaler"
KEDA = "overlays/production:keda+monitoring+network-policy+otel"
ASKED = "spec.triggers.0.metadata."

MUTATIONS = [
    *broken_by("one_hand_sets_the_number_of_replicas", ("spec.replicas", 3)),
    *broken_by("one_hand_sets_the_number_of_replicas", ("spec.replicas", 3), build=KEDA),
    *broken_by("one_hand_sets_the_number_of_replicas", ("", COPY), ("", DELETE), target=HPA),
    *broken_by("one_hand_sets_the_number_of_replicas", ("", COPY), ("", DELETE), target="ScaledObject", build=KEDA),
    *broken_by("one_hand_sets_the_number_of_replicas", ("spec.replicas", DELETE), build="base"),
    *broken_by(
        "an_autoscaler_can_work",
        ("spec.scaleTargetRef.name", "cifar10"),
        ("spec.scaleTargetRef.kind", "StatefulSet"),
        ("spec.scaleTargetRef.apiVersion", "extensions/v1beta1"),
        ("spec.minReplicas", 1),
        ("spec.minReplicas", 13),
        ("spec.maxReplicas", 2),
        target=HPA,
    ),
    *broken_by(
        "an_autoscaler_can_work",
        ("spec.scaleTargetRef.name", "cifar10"),
        ("spec.scaleTargetRef.kind", "StatefulSet"),
        ("spec.minReplicaCount", 0),
        ("spec.maxReplicaCount", 2),
        target="ScaledObject",
        build=KEDA,
    ),
    *broken_by("an_autoscaler_can_work", (CONTAINER + "resources.requests.cpu", DELETE)),
    *broken_by(
        "keda_asks_the_prometheus_that_scrapes_about_our_pods",
        (ASKED + "serverAddress", "http://kube-prometheus-stack-prometheus.monitoring.svc:9090"),
        (ASKED + "query", 'sum(http_server_active_requests{job="cifar10"})'),
        (ASKED + "query", 'sum(http_server_active_requests{job="cifar10",namespace="default"})'),
        (ASKED + "query", "sum(http_server_active_requests)"),
        target="ScaledObject",
        build=KEDA,
    ),
    *broken_by(
        "keda_asks_the_prometheus_that_scrapes_about_our_pods",
        (ASKED + "serverAddress", "http://prometheus-k8s.monitoring.svc:9090"),
        target="ScaledObject",
        build="keda+monitoring-helm-stack",
    ),
]
