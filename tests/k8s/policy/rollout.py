"""Replicas: rolling update, eviction and topology spread."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import DELETE, SPEC, mutants, rule


@rule(
    mutants(
        ("spec.strategy.type", "Recreate"),
        ("spec.strategy.rollingUpdate.maxUnavailable", 1),
        ("spec.strategy.rollingUpdate.maxSurge", 0),
        ("spec.minReadySeconds", DELETE),
    )
)
def a_ready_replica_is_replaced_after_a_new_one_is_ready(manifests: Manifests) -> Iterator[str]:
    spec = manifests.deployment["spec"]
    strategy = spec.get("strategy", {})
    rolling = strategy.get("rollingUpdate", {})
    if strategy.get("type") != "RollingUpdate" or rolling.get("maxUnavailable") != 0 or not rolling.get("maxSurge"):
        yield "a rollout removes replicas before it adds any"
    if not spec.get("minReadySeconds"):
        yield "no minReadySeconds: a replica is available as soon as it is ready"


@rule(
    mutants(
        ("spec.maxUnavailable", 0),
        ("spec.maxUnavailable", "100%"),
        ("spec.maxUnavailable", DELETE),
        ("spec.selector.matchLabels", {"app": "cifar10"}),
        ("spec.unhealthyPodEvictionPolicy", DELETE),
        ("", DELETE),
        target="PodDisruptionBudget",
    )
)
def a_node_can_be_drained(manifests: Manifests) -> Iterator[str]:
    budgets = manifests.of("PodDisruptionBudget")
    if len(budgets) != 1:
        yield "not exactly one PodDisruptionBudget"
    for spec in (budget["spec"] for budget in budgets):
        if not manifests.selected_by(spec["selector"]["matchLabels"]):
            yield "the budget selects other pods"
        if spec.get("maxUnavailable") != 1:
            yield "maxUnavailable is not 1"
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield "an unready replica blocks the drain"


@rule(
    mutants(
        (SPEC + "topologySpreadConstraints", DELETE),
        (SPEC + "topologySpreadConstraints.0.whenUnsatisfiable", "DoNotSchedule"),
    )
)
def replicas_are_spread(manifests: Manifests) -> Iterator[str]:
    constraints = manifests.pod.get("topologySpreadConstraints", [])
    if "kubernetes.io/hostname" not in [each["topologyKey"] for each in constraints]:
        yield "replicas are not spread over nodes"
    for each in constraints:
        if not manifests.selected_by(each["labelSelector"]["matchLabels"]):
            yield f"{each['topologyKey']}: selects other pods"
        if each["whenUnsatisfiable"] != "ScheduleAnyway":
            yield f"{each['topologyKey']}: the pods could not run in a cluster of one node"
