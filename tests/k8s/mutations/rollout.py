"""What breaks the rules about replacing, evicting and spreading replicas."""

from tests.k8s.mutations.mutation import DELETE, SPEC, broken_by

MUTATIONS = [
    *broken_by(
        "a_good_replica_goes_when_a_new_one_is_ready",
        ("spec.strategy.type", "Recreate"),
        ("spec.strategy.rollingUpdate.maxUnavailable", 1),
        ("spec.strategy.rollingUpdate.maxSurge", 0),
        ("spec.minReadySeconds", DELETE),
    ),
    *broken_by(
        "a_node_can_be_drained",
        ("spec.maxUnavailable", 0),
        ("spec.maxUnavailable", "100%"),
        ("spec.maxUnavailable", DELETE),
        ("spec.selector.matchLabels", {"app": "cifar10"}),
        ("spec.unhealthyPodEvictionPolicy", DELETE),
        ("", DELETE),
        target="PodDisruptionBudget",
    ),
    *broken_by(
        "replicas_are_spread",
        (SPEC + "topologySpreadConstraints", DELETE),
        (SPEC + "topologySpreadConstraints.0.whenUnsatisfiable", "DoNotSchedule"),
    ),
]
