"""Services: whether what points somewhere arrives."""

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


def ports(service: Object | None) -> dict[str, int]:
    return {port["name"]: port["port"] for port in service["spec"]["ports"]} if service else {}
