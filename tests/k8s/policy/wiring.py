"""Names, labels, selectors and ports: whether what points somewhere arrives."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import rule

NODE_PORT = 30080


@rule
def a_service_finds_the_pods_and_their_ports(manifests: Manifests) -> Iterator[str]:
    for service in manifests.of("Service"):
        name, spec = service["metadata"]["name"], service["spec"]
        if not manifests.selected_by(spec["selector"]):
            yield f"{name} selects none of our pods"
        for port in spec["ports"]:
            if port["targetPort"] not in manifests.container_ports:
                yield f"{name}: no container port is named {port['targetPort']}"


@rule
def one_port_of_the_nodes_is_opened_at_most(manifests: Manifests) -> Iterator[str]:
    opened = [port for service in manifests.of("Service") for port in service["spec"]["ports"] if "nodePort" in port]
    if opened and [(port["nodePort"], port["targetPort"]) for port in opened] != [(NODE_PORT, "http")]:
        yield f"the nodes open something else than {NODE_PORT} for http"


@rule
def an_ingress_reaches_a_port_of_a_service(manifests: Manifests) -> Iterator[str]:
    for ingress in manifests.of("Ingress"):
        if "kubernetes.io/ingress.class" in ingress["metadata"].get("annotations", {}):
            yield "the annotation for the class is of the past"
        if not ingress["spec"].get("ingressClassName"):
            yield "no class: whether any controller takes it is luck"
        for path in (path for each in ingress["spec"]["rules"] for path in each["http"]["paths"]):
            target = path["backend"]["service"]
            if target["port"].get("name") not in _ports(manifests.named("Service", target["name"])):
                yield f"{path['path']} leads nowhere"


@rule
def a_route_reaches_a_port_of_a_service(manifests: Manifests) -> Iterator[str]:
    for route in manifests.of("HTTPRoute"):
        for target in (target for each in route["spec"]["rules"] for target in each["backendRefs"]):
            if target["port"] not in _ports(manifests.named("Service", target["name"])).values():
                yield f"{target['name']}:{target['port']} is nowhere"


@rule
def there_is_one_way_in_by_name(manifests: Manifests) -> Iterator[str]:
    if len([*manifests.of("Ingress"), *manifests.of("HTTPRoute")]) != 1:
        yield "not exactly one of Ingress and HTTPRoute"


@rule
def prometheus_finds_the_ops_port(manifests: Manifests) -> Iterator[str]:
    for monitor in manifests.of("ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"].items()
        services = [each for each in manifests.of("Service") if wanted <= each["metadata"]["labels"].items()]
        if [each["metadata"]["name"] for each in services] != ["cifar10-ops"]:
            yield "it selects another Service than cifar10-ops"
        for endpoint in monitor["spec"]["endpoints"]:
            if any(endpoint["port"] not in _ports(service) for service in services):
                yield f"the Service has no port named {endpoint['port']}"
        if not monitor["spec"].get("sampleLimit"):
            yield "a label out of bounds may fill Prometheus"


@rule
def prometheus_may_look(manifests: Manifests) -> Iterator[str]:
    if not manifests.of("ServiceMonitor"):
        return
    bound = [
        (binding["roleRef"]["name"], subject["name"], subject["namespace"])
        for binding in manifests.of("RoleBinding")
        for subject in binding["subjects"]
    ]
    roles = {role["metadata"]["name"]: role for role in manifests.of("Role")}
    if [each for each in bound if each[0] in roles and each[1:] == ("prometheus-k8s", "monitoring")] == []:
        yield "prometheus-k8s of the namespace monitoring has no Role here"


@rule
def the_network_policy_opens_what_is_used_and_no_more(manifests: Manifests) -> Iterator[str]:
    for policy in manifests.of("NetworkPolicy"):
        spec = policy["spec"]
        if not manifests.selected_by(spec["podSelector"]["matchLabels"]):
            yield "it is not about our pods"
        if sorted(spec["policyTypes"]) != ["Egress", "Ingress"]:
            yield "one direction is left open"
        if any(not each.get("from") for each in spec["ingress"]) or any(not each.get("to") for each in spec["egress"]):
            yield "a port is open to everyone"
        if sorted(_opened(spec["ingress"])) != sorted(manifests.container_ports):
            yield "other ports than the container's come in"
        if sorted(_opened(spec["egress"])) != ["4318", "53", "53"]:
            yield "something else than names and traces goes out"


def _ports(service: Object | None) -> dict[str, int]:
    return {port["name"]: port["port"] for port in service["spec"]["ports"]} if service else {}


def _opened(rules: list[Object]) -> list[str]:
    return [str(port["port"]) for each in rules for port in each.get("ports", [{"port": "any"}])]
