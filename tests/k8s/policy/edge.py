"""Ingress and HTTPRoute."""

import re
from collections.abc import Iterator

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import COPY, DELETE, mutants, rule
from tests.k8s.policy.wiring import ports

OPERATIONS = {"/metrics", "/healthz", "/readyz"}
API = ("cifar10-service", "http")

PATHS = "spec.rules.0.http.paths."
TARGET = PATHS + "0.backend.service."
MATCHES = "spec.rules.0.matches."
OPS_BACKEND = {"service": {"name": "cifar10-ops", "port": {"name": "ops"}}}
API_BACKEND = {"service": {"name": "cifar10-service", "port": {"name": "http"}}}


@rule(
    mutants(
        ("spec.ingressClassName", DELETE),
        ("metadata.annotations", {"kubernetes.io/ingress.class": "nginx"}),
        (TARGET + "port", {"name": "web"}),
        (TARGET + "port", {"number": 8000}),
        (TARGET + "name", "cifar10"),
        target="Ingress",
    )
)
def an_ingress_backend_is_a_port_of_a_service(manifests: Manifests) -> Iterator[str]:
    for ingress in manifests.of("Ingress"):
        if "kubernetes.io/ingress.class" in ingress["metadata"].get("annotations", {}):
            yield "the class is set by a deprecated annotation"
        if not ingress["spec"].get("ingressClassName"):
            yield "no ingressClassName"
        for path in _ingress_paths(ingress):
            service, port = _target(path)
            if port not in ports(manifests.named("Service", service)):
                yield f"the backend of {path['path']} is no port of a Service"


@rule(mutants(("spec.rules.0.backendRefs.0.port", 8000), target="HTTPRoute", build="gateway"))
def a_route_backend_is_a_port_of_a_service(manifests: Manifests) -> Iterator[str]:
    for route in manifests.of("HTTPRoute"):
        for target in (target for each in route["spec"]["rules"] for target in each.get("backendRefs", [])):
            if target["port"] not in ports(manifests.named("Service", target["name"])).values():
                yield f"{target['name']}:{target['port']} is no port of a Service"


@rule(mutants(("", DELETE), ("", COPY), target="Ingress"))
def exactly_one_ingress_or_route_exists(manifests: Manifests) -> Iterator[str]:
    if len([*manifests.of("Ingress"), *manifests.of("HTTPRoute")]) != 1:
        yield "not exactly one of Ingress and HTTPRoute"


@rule(
    mutants(
        (PATHS + "0.pathType", "Prefix"),
        (PATHS + "0.pathType", "ImplementationSpecific"),
        (PATHS + "0.pathType", DELETE),
        *(
            (PATHS + "-", {"path": path, "pathType": "Exact", "backend": API_BACKEND})
            for path in ("/metrics", "/healthz", "/readyz", "/metrics/")
        ),
        (PATHS + "0.backend", OPS_BACKEND),
        (TARGET + "name", "cifar10-ops"),
        ("spec.defaultBackend", API_BACKEND),
        ("metadata.annotations", {"nginx.ingress.kubernetes.io/rewrite-target": "/metrics"}),
        ("metadata.annotations", {"nginx.ingress.kubernetes.io/use-regex": "true"}),
        target="Ingress",
    )
)
def an_ingress_routes_exact_paths_to_the_api_only(manifests: Manifests) -> Iterator[str]:
    for ingress in manifests.of("Ingress"):
        if "defaultBackend" in ingress["spec"]:
            yield "a default backend serves every other path"
        for name in ingress["metadata"].get("annotations", {}):
            if re.search("rewrite|regex|snippet|app-root", name):
                yield f"{name} may rewrite an allowed path into another one"
        for path in _ingress_paths(ingress):
            yield from _wrong(path.get("pathType"), path["path"])
            if _target(path) != API:
                yield f"{path['path']} is routed to {_target(path)}"


@rule(
    mutants(
        (MATCHES + "0.path.type", "PathPrefix"),
        (MATCHES + "0.path.type", "RegularExpression"),
        (MATCHES + "0.path.type", DELETE),
        (MATCHES + "0.path", DELETE),
        ("spec.rules.0.matches", DELETE),
        *(
            (MATCHES + "-", {"path": {"type": "Exact", "value": path}})
            for path in ("/metrics", "/healthz", "/readyz", "/metrics/")
        ),
        ("spec.rules.0.backendRefs.0", {"name": "cifar10-ops", "port": 9000}),
        ("spec.rules.0.backendRefs.-", {"name": "cifar10-ops", "port": 9000}),
        ("spec.rules.0.backendRefs.0.namespace", "another"),
        ("spec.rules.0.backendRefs.0.filters", [{"type": "URLRewrite"}]),
        ("spec.rules.0.filters", [{"type": "URLRewrite"}]),
        target="HTTPRoute",
        build="gateway",
    )
)
def a_route_routes_exact_paths_to_the_api_only(manifests: Manifests) -> Iterator[str]:
    for each in (each for route in manifests.of("HTTPRoute") for each in route["spec"]["rules"]):
        if "filters" in each:
            yield "a filter may rewrite an allowed path into another one"
        for match in each.get("matches") or [{}]:
            path = {"type": "PathPrefix", "value": "/"} | match.get("path", {})  # the defaults of the Gateway API
            yield from _wrong(path["type"], path["value"])
        for target in each.get("backendRefs", []):
            port = ports(manifests.named("Service", API[0]))[API[1]]
            if target != {"name": API[0], "port": port}:
                yield f"requests are routed to {target}"


def _wrong(kind: str | None, path: str) -> Iterator[str]:
    if kind != "Exact":
        yield f"{path} is matched as {kind}, not as Exact"
    if path.rstrip("/") in OPERATIONS:
        yield f"{path} must not be reachable from outside the cluster"


def _ingress_paths(ingress: Object) -> Iterator[Object]:
    for each in ingress["spec"].get("rules", []):
        yield from each.get("http", {}).get("paths", [])


def _target(path: Object) -> tuple[str, str | None]:
    service = path["backend"]["service"]
    return service["name"], service["port"].get("name")
