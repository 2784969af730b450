"""The way in by name: Ingress and HTTPRoute."""

import re
from collections.abc import Iterator

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import rule
from tests.k8s.policy.wiring import ports

OPERATIONS = {"/metrics", "/healthz", "/readyz"}
API = ("cifar10-service", "http")


@rule
def an_ingress_reaches_a_port_of_a_service(manifests: Manifests) -> Iterator[str]:
    for ingress in manifests.of("Ingress"):
        if "kubernetes.io/ingress.class" in ingress["metadata"].get("annotations", {}):
            yield "the annotation for the class is of the past"
        if not ingress["spec"].get("ingressClassName"):
            yield "no class: whether any controller takes it is luck"
        for path in _ingress_paths(ingress):
            service, port = _target(path)
            if port not in ports(manifests.named("Service", service)):
                yield f"{path['path']} leads nowhere"


@rule
def a_route_reaches_a_port_of_a_service(manifests: Manifests) -> Iterator[str]:
    for route in manifests.of("HTTPRoute"):
        for target in (target for each in route["spec"]["rules"] for target in each.get("backendRefs", [])):
            if target["port"] not in ports(manifests.named("Service", target["name"])).values():
                yield f"{target['name']}:{target['port']} is nowhere"


@rule
def there_is_one_way_in_by_name(manifests: Manifests) -> Iterator[str]:
    if len([*manifests.of("Ingress"), *manifests.of("HTTPRoute")]) != 1:
        yield "not exactly one of Ingress and HTTPRoute"


@rule
def an_ingress_leads_to_single_paths_of_the_api(manifests: Manifests) -> Iterator[str]:
    for ingress in manifests.of("Ingress"):
        if "defaultBackend" in ingress["spec"]:
            yield "what no rule is about is let in"
        for name in ingress["metadata"].get("annotations", {}):
            if re.search("rewrite|regex|snippet|app-root", name):
                yield f"{name} may make another path of one that is let in"
        for path in _ingress_paths(ingress):
            yield from _wrong(path.get("pathType"), path["path"])
            if _target(path) != API:
                yield f"{path['path']} leads to {_target(path)}"


@rule
def a_route_leads_to_single_paths_of_the_api(manifests: Manifests) -> Iterator[str]:
    for each in (each for route in manifests.of("HTTPRoute") for each in route["spec"]["rules"]):
        if "filters" in each:
            yield "a filter may make another path of one that is let in"
        for match in each.get("matches") or [{}]:
            path = {"type": "PathPrefix", "value": "/"} | match.get("path", {})  # what it is where nothing is said
            yield from _wrong(path["type"], path["value"])
        for target in each.get("backendRefs", []):
            port = ports(manifests.named("Service", API[0]))[API[1]]
            if target != {"name": API[0], "port": port}:
                yield f"it leads to {target}"


def _wrong(kind: str | None, path: str) -> Iterator[str]:
    if kind != "Exact":
        yield f"what begins with {path} is let in too"
    if path.rstrip("/") in OPERATIONS:
        yield f"{path} is for those inside the cluster"


def _ingress_paths(ingress: Object) -> Iterator[Object]:
    for each in ingress["spec"].get("rules", []):
        yield from each.get("http", {}).get("paths", [])


def _target(path: Object) -> tuple[str, str | None]:
    service = path["backend"]["service"]
    return service["name"], service["port"].get("name")
