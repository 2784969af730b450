"""What breaks the rules about every object."""

from tests.k8s.mutations.mutation import DELETE, Mutation, broken_by

DEPRECATED = {
    "Deployment": "extensions/v1beta1",
    "HorizontalPodAutoscaler": "autoscaling/v2beta2",
    "Ingress": "networking.k8s.io/v1beta1",
    "NetworkPolicy": "extensions/v1beta1",
    "PodDisruptionBudget": "policy/v1beta1",
}

MUTATIONS = [
    *broken_by(
        "every_object_says_what_it_belongs_to",
        ("metadata.labels", {"app": "cifar10"}),
        ("metadata.labels", DELETE),
        target="Ingress",
    ),
    *(
        Mutation("every_object_is_of_a_version_that_is_served", kind, "apiVersion", version)
        for kind, version in DEPRECATED.items()
    ),
    *broken_by(
        "everything_is_in_one_namespace",
        ("metadata.namespace", "monitoring"),
        ("metadata.namespace", DELETE),
        target="ServiceMonitor",
    ),
    *broken_by("everything_is_in_one_namespace", ("metadata.name", "another"), target="Namespace"),
]
