"""Replicas: how they are replaced, evicted and spread."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import rule


@rule
def a_good_replica_goes_when_a_new_one_is_ready(manifests: Manifests) -> Iterator[str]:
    spec = manifests.deployment["spec"]
    strategy = spec.get("strategy", {})
    rolling = strategy.get("rollingUpdate", {})
    if strategy.get("type") != "RollingUpdate" or rolling.get("maxUnavailable") != 0 or not rolling.get("maxSurge"):
        yield "a rollout takes replicas away before it adds any"
    if not spec.get("minReadySeconds"):
        yield "a replica counts as good in the moment it is ready first"


@rule
def a_node_can_be_drained(manifests: Manifests) -> Iterator[str]:
    budgets = manifests.of("PodDisruptionBudget")
    if len(budgets) != 1:
        yield "there is not one PodDisruptionBudget"
    for spec in (budget["spec"] for budget in budgets):
        if not manifests.selected_by(spec["selector"]["matchLabels"]):
            yield "the budget is not about our pods"
        if spec.get("maxUnavailable") != 1:
            yield "not one replica at a time is evicted, but none or many"
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield "a broken replica blocks the drain"


@rule
def replicas_are_spread(manifests: Manifests) -> Iterator[str]:
    constraints = manifests.pod.get("topologySpreadConstraints", [])
    if "kubernetes.io/hostname" not in [each["topologyKey"] for each in constraints]:
        yield "one node may hold every replica"
    for each in constraints:
        if not manifests.selected_by(each["labelSelector"]["matchLabels"]):
            yield f"{each['topologyKey']}: counts other pods than ours"
        if each["whenUnsatisfiable"] != "ScheduleAnyway":
            yield f"{each['topologyKey']}: a cluster of one node could not run it"
