"""ServiceMonitor, and the role that lets Prometheus discover the pods."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import DELETE, mutants, rule
from tests.k8s.policy.wiring import ports

JOB = "cifar10"
READ = {"get", "list", "watch"}
TARGETS = {("", "services"), ("", "endpoints"), ("", "pods"), ("discovery.k8s.io", "endpointslices")}


@rule(
    mutants(
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
    )
)
def prometheus_scrapes_the_ops_port(manifests: Manifests) -> Iterator[str]:
    for spec in (monitor["spec"] for monitor in manifests.of("ServiceMonitor")):
        wanted = spec["selector"]["matchLabels"].items()
        services = [each for each in manifests.of("Service") if wanted <= each["metadata"]["labels"].items()]
        if [each["metadata"]["name"] for each in services] != ["cifar10-ops"]:
            yield "it does not select exactly the Service cifar10-ops"
        if spec.get("namespaceSelector", {"matchNames": [manifests.namespace]}) != {
            "matchNames": [manifests.namespace]
        }:
            yield "it looks for Services in another namespace"
        if any(each["metadata"]["labels"].get(spec.get("jobLabel")) != JOB for each in services):
            yield f'the scraped series do not have job="{JOB}"'
        for endpoint in spec["endpoints"]:
            if any(endpoint["port"] not in ports(service) for service in services):
                yield f"the Service has no port named {endpoint['port']}"
            if (endpoint.get("scheme", "http"), endpoint.get("path", "/metrics")) != ("http", "/metrics"):
                yield "it does not scrape /metrics over HTTP"
        if not spec.get("sampleLimit"):
            yield "no sampleLimit"


@rule(
    mutants(
        ("rules", []),
        ("rules.0.resources", ["services", "pods"]),
        ("rules.0.verbs", ["get"]),
        ("rules.1", DELETE),
        ("", DELETE),
        target="Role",
    ),
    mutants(
        ("subjects.0.namespace", "default"),
        ("subjects.0.name", "default"),
        ("subjects.0.kind", "User"),
        ("roleRef.name", "another"),
        ("roleRef.kind", "ClusterRole"),
        target="RoleBinding",
    ),
)
def prometheus_may_discover_the_targets(manifests: Manifests) -> Iterator[str]:
    if not manifests.of("ServiceMonitor"):
        return
    may: set[tuple[str, str]] = set()
    for binding in manifests.of("RoleBinding"):
        role = manifests.named(binding["roleRef"]["kind"], binding["roleRef"]["name"])
        subjects = [(each["kind"], each.get("namespace"), each["name"]) for each in binding["subjects"]]
        if role and ("ServiceAccount", "monitoring", "prometheus-k8s") in subjects:
            may |= {
                (group, resource)
                for each in role["rules"] or []
                if set(each["verbs"]) >= READ
                for group in each["apiGroups"]
                for resource in each["resources"]
            }
    for group, resource in sorted(TARGETS - may):
        yield f"prometheus-k8s in the namespace monitoring may not read {resource} {group}".rstrip()
