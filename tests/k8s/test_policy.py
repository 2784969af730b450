"""Every build keeps every rule, and every rule notices when it is broken."""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.k8s.builds import BUILDS
from tests.k8s.manifests import Manifests
from tests.k8s.policy import RULES

DELETE = object()
SPEC = "spec.template.spec."
CONTAINER = SPEC + "containers.0."
ENV = CONTAINER + "env."

MUTATIONS: list[tuple[str, str, str, Any]] = [
    ("an_image_is_named_exactly", "Deployment", CONTAINER + "image", "cifar-api-cpu"),
    ("an_image_is_named_exactly", "Deployment", CONTAINER + "image", "localhost:5000/cifar-api-cpu"),
    ("an_image_is_named_exactly", "Deployment", CONTAINER + "image", "cifar-api-cpu:latest"),
    ("production_names_its_image_by_digest", "Deployment", CONTAINER + "image", "cifar-api-cpu:v1"),
    ("an_image_that_is_present_is_not_pulled", "Deployment", CONTAINER + "imagePullPolicy", "Always"),
    ("an_image_that_is_present_is_not_pulled", "Deployment", CONTAINER + "imagePullPolicy", "Never"),
    ("each_probe_asks_its_own_question_on_the_ops_port", "Deployment", CONTAINER + "startupProbe", DELETE),
    (
        "each_probe_asks_its_own_question_on_the_ops_port",
        "Deployment",
        CONTAINER + "livenessProbe.httpGet.path",
        "/readyz",
    ),
    ("each_probe_asks_its_own_question_on_the_ops_port", "Deployment", CONTAINER + "readinessProbe.httpGet.port", 9000),
    ("a_slow_start_is_no_failure", "Deployment", CONTAINER + "startupProbe.failureThreshold", 5),
    ("a_slow_start_is_no_failure", "Deployment", "spec.progressDeadlineSeconds", 60),
    ("a_busy_server_is_not_restarted", "Deployment", CONTAINER + "livenessProbe.failureThreshold", 1),
    ("the_probed_port_is_the_servers", "Deployment", CONTAINER + "ports.1.containerPort", 9090),
    (
        "the_probed_port_is_the_servers",
        "Deployment",
        CONTAINER + "env.-",
        {"name": "PREDICTOR_PORT", "value": "8080"},
    ),
    ("endpoints_are_gone_before_the_server_is_told", "Deployment", CONTAINER + "lifecycle", DELETE),
    ("endpoints_are_gone_before_the_server_is_told", "Deployment", CONTAINER + "lifecycle.preStop.sleep.seconds", 1),
    (
        "kept_alive_connections_are_told_to_end",
        "Deployment",
        ENV + "-",
        {"name": "PREDICTOR_DRAIN_SECONDS", "value": "0"},
    ),
    (
        "the_pause_and_the_drain_are_not_the_same_wait_twice",
        "Deployment",
        ENV + "-",
        {"name": "PREDICTOR_DRAIN_SECONDS", "value": "10"},
    ),
    ("nothing_is_killed_while_it_may_still_finish", "Deployment", SPEC + "terminationGracePeriodSeconds", 30),
    ("nothing_is_killed_while_it_may_still_finish", "Deployment", CONTAINER + "lifecycle.preStop.sleep.seconds", 15),
    (
        "nothing_is_killed_while_it_may_still_finish",
        "Deployment",
        ENV + "-",
        {"name": "PREDICTOR_GRACE_SECONDS", "value": "60"},
    ),
    ("a_good_replica_goes_when_a_new_one_is_ready", "Deployment", "spec.strategy.type", "Recreate"),
    ("a_good_replica_goes_when_a_new_one_is_ready", "Deployment", "spec.strategy.rollingUpdate.maxUnavailable", 1),
    ("a_good_replica_goes_when_a_new_one_is_ready", "Deployment", "spec.strategy.rollingUpdate.maxSurge", 0),
    ("a_good_replica_goes_when_a_new_one_is_ready", "Deployment", "spec.minReadySeconds", DELETE),
    ("one_hand_sets_the_number_of_replicas", "Deployment", "spec.replicas", 3),
    ("an_autoscaler_can_work", "HorizontalPodAutoscaler", "spec.scaleTargetRef.name", "cifar10"),
    ("an_autoscaler_can_work", "HorizontalPodAutoscaler", "spec.minReplicas", 1),
    ("an_autoscaler_can_work", "Deployment", CONTAINER + "resources.requests.cpu", DELETE),
    ("a_node_can_be_drained", "PodDisruptionBudget", "spec.maxUnavailable", 0),
    ("a_node_can_be_drained", "PodDisruptionBudget", "spec.selector.matchLabels", {"app": "cifar10"}),
    ("a_node_can_be_drained", "PodDisruptionBudget", "spec.unhealthyPodEvictionPolicy", DELETE),
    ("replicas_are_spread", "Deployment", SPEC + "topologySpreadConstraints", DELETE),
    ("replicas_are_spread", "Deployment", SPEC + "topologySpreadConstraints.0.whenUnsatisfiable", "DoNotSchedule"),
    ("what_runs_out_is_requested_and_limited", "Deployment", CONTAINER + "resources.limits.memory", DELETE),
    ("what_runs_out_is_requested_and_limited", "Deployment", CONTAINER + "resources.requests.cpu", DELETE),
    ("what_runs_out_is_requested_and_limited", "Deployment", SPEC + "volumes.0.emptyDir", {}),
    ("memory_has_room_above_what_was_measured", "Deployment", CONTAINER + "resources.limits.memory", "1Gi"),
    ("memory_has_room_above_what_was_measured", "Deployment", CONTAINER + "resources.requests.memory", "256Mi"),
    ("threads_are_as_many_as_cores", "Deployment", CONTAINER + "resources.limits.cpu", "4"),
    ("threads_are_as_many_as_cores", "Deployment", CONTAINER + "env", []),
    ("the_pod_meets_the_restricted_standard", "Deployment", SPEC + "hostNetwork", True),
    ("the_pod_meets_the_restricted_standard", "Deployment", CONTAINER + "ports.0.hostPort", 8000),
    (
        "the_pod_meets_the_restricted_standard",
        "Deployment",
        SPEC + "volumes.-",
        {"name": "x", "hostPath": {"path": "/"}},
    ),
    ("the_pod_meets_the_restricted_standard", "Deployment", CONTAINER + "securityContext.privileged", True),
    (
        "the_pod_meets_the_restricted_standard",
        "Deployment",
        CONTAINER + "securityContext.allowPrivilegeEscalation",
        DELETE,
    ),
    ("the_pod_meets_the_restricted_standard", "Deployment", SPEC + "securityContext.runAsNonRoot", DELETE),
    ("the_pod_meets_the_restricted_standard", "Deployment", SPEC + "securityContext.seccompProfile", DELETE),
    ("the_pod_meets_the_restricted_standard", "Deployment", CONTAINER + "securityContext.capabilities", DELETE),
    ("its_user_is_the_images", "Deployment", SPEC + "securityContext.runAsUser", 1000),
    ("its_files_can_not_be_changed", "Deployment", CONTAINER + "securityContext.readOnlyRootFilesystem", False),
    ("its_files_can_not_be_changed", "Deployment", CONTAINER + "volumeMounts", DELETE),
    ("it_can_not_talk_to_the_api_server", "Deployment", SPEC + "serviceAccountName", DELETE),
    ("it_can_not_talk_to_the_api_server", "Deployment", SPEC + "automountServiceAccountToken", DELETE),
    ("it_can_not_talk_to_the_api_server", "Deployment", SPEC + "enableServiceLinks", True),
    ("a_service_finds_the_pods_and_their_ports", "Service", "spec.selector", {"app": "cifar10"}),
    ("a_service_finds_the_pods_and_their_ports", "Service", "spec.ports.0.targetPort", "web"),
    ("one_port_of_the_nodes_is_opened_at_most", "Service", "spec.ports.0.nodePort", 30081),
    ("an_ingress_reaches_a_port_of_a_service", "Ingress", "spec.ingressClassName", DELETE),
    (
        "an_ingress_reaches_a_port_of_a_service",
        "Ingress",
        "metadata.annotations",
        {"kubernetes.io/ingress.class": "nginx"},
    ),
    (
        "an_ingress_reaches_a_port_of_a_service",
        "Ingress",
        "spec.rules.0.http.paths.0.backend.service.port.name",
        "web",
    ),
    ("an_ingress_reaches_a_port_of_a_service", "Ingress", "spec.rules.0.http.paths.0.backend.service.name", "cifar10"),
    ("a_route_reaches_a_port_of_a_service", "HTTPRoute", "spec.rules.0.backendRefs.0.port", 8000),
    ("there_is_one_way_in_by_name", "Ingress", "kind", "IngressToo"),
    ("prometheus_finds_the_ops_port", "ServiceMonitor", "spec.endpoints.0.port", "metrics"),
    ("prometheus_finds_the_ops_port", "ServiceMonitor", "spec.selector.matchLabels", {"app": "cifar10"}),
    ("prometheus_finds_the_ops_port", "ServiceMonitor", "spec.sampleLimit", DELETE),
    ("prometheus_may_look", "RoleBinding", "subjects.0.namespace", "default"),
    ("prometheus_may_look", "RoleBinding", "roleRef.name", "another"),
    ("the_network_policy_opens_what_is_used_and_no_more", "NetworkPolicy", "spec.podSelector.matchLabels", {"a": "b"}),
    ("the_network_policy_opens_what_is_used_and_no_more", "NetworkPolicy", "spec.policyTypes", ["Ingress"]),
    ("the_network_policy_opens_what_is_used_and_no_more", "NetworkPolicy", "spec.ingress.0.from", DELETE),
    ("the_network_policy_opens_what_is_used_and_no_more", "NetworkPolicy", "spec.ingress.1.ports.0.port", 9090),
    ("the_network_policy_opens_what_is_used_and_no_more", "NetworkPolicy", "spec.egress.1.ports", DELETE),
    ("every_object_says_what_it_belongs_to", "Service", "metadata.labels", {"app": "cifar10"}),
    ("the_selector_never_has_to_change", "Deployment", "spec.selector.matchLabels.version", "v1"),
    ("the_server_takes_its_settings", "ConfigMap", "data.PREDICTOR_LOG_LEVEL", "verbose"),
    ("the_server_takes_its_settings", "ConfigMap", "data.PREDICTOR_FAULT", "slow"),
    (
        "a_variable_is_defined_before_it_is_used",
        "Deployment",
        ENV + "0",
        {"name": "X", "value": "$(OTEL_RESOURCE_ATTRIBUTES)"},
    ),
    ("what_is_referred_to_is_there", "Deployment", CONTAINER + "envFrom.0.configMapRef.name", "cifar10-settings"),
    ("what_is_referred_to_is_there", "Deployment", SPEC + "volumes", []),
]


@pytest.mark.parametrize("name", BUILDS)
def test_every_build_keeps_every_rule(built: Callable[[str], Manifests], name: str) -> None:
    assert [f"{each}: {wrong}" for each, check in RULES.items() for wrong in check(built(name))] == []


@pytest.mark.parametrize(("rule", "kind", "path", "value"), MUTATIONS)
def test_a_rule_notices_when_it_is_broken(
    built: Callable[[str], Manifests], rule: str, kind: str, path: str, value: object
) -> None:
    good = built("gateway" if kind == "HTTPRoute" else "overlays/production")
    bad = copy.deepcopy(good)
    change(bad.of(kind)[-1], path, value)
    assert list(RULES[rule](good)) == []
    assert list(RULES[rule](bad)) != []


def test_every_rule_is_broken_by_a_mutation() -> None:
    assert {rule for rule, *_ in MUTATIONS} == RULES.keys()


def change(target: Any, path: str, value: object) -> None:
    """Set, add (``-``) or delete what a dotted path leads to."""
    *way, last = path.split(".")
    for step in way:
        target = target[int(step)] if isinstance(target, list) else target[step]
    if isinstance(target, list):
        if last == "-":
            target.append(value)
        else:
            target[int(last)] = value
    elif value is DELETE:
        del target[last]
    else:
        target[last] = value
