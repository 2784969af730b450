"""What breaks the rules about Prometheus."""

from tests.k8s.mutations.mutation import DELETE, broken_by

MUTATIONS = [
    *broken_by(
        "prometheus_finds_the_ops_port",
        ("spec.endpoints.0.port", "metrics"),
        ("spec.endpoints.0.path", "/metricz"),
        ("spec.endpoints.0.scheme", "https"),
        ("spec.selector.matchLabels", {"app": "cifar10"}),
        ("spec.selector.matchLabels", {"app.kubernetes.io/name": "cifar10"}),
        ("spec.namespaceSelector", {"matchNames": ["default"]}),
        ("spec.namespaceSelector", {"any": True}),
        ("spec.jobLabel", DELETE),
        ("spec.jobLabel", "app.kubernetes.io/component"),
        ("spec.sampleLimit", DELETE),
        target="ServiceMonitor",
    ),
    *broken_by(
        "prometheus_may_look",
        ("rules", []),
        ("rules.0.resources", ["services", "pods"]),
        ("rules.0.verbs", ["get"]),
        ("rules.1", DELETE),
        ("", DELETE),
        target="Role",
    ),
    *broken_by(
        "prometheus_may_look",
        ("subjects.0.namespace", "default"),
        ("subjects.0.name", "default"),
        ("subjects.0.kind", "User"),
        ("roleRef.name", "another"),
        ("roleRef.kind", "ClusterRole"),
        target="RoleBinding",
    ),
]
