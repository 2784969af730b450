"""Services: selectors and ports."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import mutants, rule

NODE_PORT = 30080

API = "Service/cifar10-service"


@rule(mutants(("spec.selector", {"app": "cifar10"}), ("spec.ports.0.targetPort", "web"), target=API))
def a_service_selects_the_pods_and_their_ports(manifests: Manifests) -> Iterator[str]:
    for service in manifests.of("Service"):
        name, spec = service["metadata"]["name"], service["spec"]
        if not manifests.selected_by(spec["selector"]):
            yield f"{name} selects none of our pods"
        for port in spec["ports"]:
            if port["targetPort"] not in manifests.container_ports:
                yield f"{name}: no container port is named {port['targetPort']}"


@rule(
    mutants(("spec.ports.0.nodePort", 30081), target=API),
    mutants(("spec.ports.0.nodePort", 30080), target="Service/cifar10-ops"),
)
def at_most_one_node_port_is_opened(manifests: Manifests) -> Iterator[str]:
    opened = [port for service in manifests.of("Service") for port in service["spec"]["ports"] if "nodePort" in port]
    if opened and [(port["nodePort"], port["targetPort"]) for port in opened] != [(NODE_PORT, "http")]:
        yield f"a NodePort other than {NODE_PORT} for http is opened"


def ports(service: Object | None) -> dict[str, int]:
    return {port["name"]: port["port"] for port in service["spec"]["ports"]} if service else {}
