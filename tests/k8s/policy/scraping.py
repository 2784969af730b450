"""Prometheus: whether it finds the pods, and under the name that rules and queries know."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests
from tests.k8s.policy.rules import rule
from tests.k8s.policy.wiring import ports

JOB = "cifar10"
LOOK = {"get", "list", "watch"}
TARGETS = {("", "services"), ("", "endpoints"), ("", "pods"), ("discovery.k8s.io", "endpointslices")}


@rule
def prometheus_finds_the_ops_port(manifests: Manifests) -> Iterator[str]:
    for spec in (monitor["spec"] for monitor in manifests.of("ServiceMonitor")):
        wanted = spec["selector"]["matchLabels"].items()
        services = [each for each in manifests.of("Service") if wanted <= each["metadata"]["labels"].items()]
        if [each["metadata"]["name"] for each in services] != ["cifar10-ops"]:
            yield "it selects another Service than cifar10-ops"
        if spec.get("namespaceSelector", {"matchNames": [manifests.namespace]}) != {
            "matchNames": [manifests.namespace]
        }:
            yield "it looks for Services in another namespace"
        if any(each["metadata"]["labels"].get(spec.get("jobLabel")) != JOB for each in services):
            yield f'it does not give what it scrapes job="{JOB}"'
        for endpoint in spec["endpoints"]:
            if any(endpoint["port"] not in ports(service) for service in services):
                yield f"the Service has no port named {endpoint['port']}"
            if (endpoint.get("scheme", "http"), endpoint.get("path", "/metrics")) != ("http", "/metrics"):
                yield "it asks for another page than http /metrics"
        if not spec.get("sampleLimit"):
            yield "a label out of bounds may fill Prometheus"


@rule
def prometheus_may_look(manifests: Manifests) -> Iterator[str]:
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
                if set(each["verbs"]) >= LOOK
                for group in each["apiGroups"]
                for resource in each["resources"]
            }
    for group, resource in sorted(TARGETS - may):
        yield f"prometheus-k8s of the namespace monitoring may not look at {resource} {group}".rstrip()
