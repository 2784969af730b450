"""What breaks the rules about the way in by name."""

from tests.k8s.mutations.mutation import COPY, DELETE, broken_by

PATHS = "spec.rules.0.http.paths."
TARGET = PATHS + "0.backend.service."
MATCHES = "spec.rules.0.matches."
OPS = {"service": {"name": "cifar10-ops", "port": {"name": "ops"}}}
API = {"service": {"name": "cifar10-service", "port": {"name": "http"}}}

MUTATIONS = [
    *broken_by(
        "an_ingress_reaches_a_port_of_a_service",
        ("spec.ingressClassName", DELETE),
        ("metadata.annotations", {"kubernetes.io/ingress.class": "nginx"}),
        (TARGET + "port", {"name": "web"}),
        (TARGET + "port", {"number": 8000}),
        (TARGET + "name", "cifar10"),
        target="Ingress",
    ),
    *broken_by(
        "an_ingress_leads_to_single_paths_of_the_api",
        (PATHS + "0.pathType", "Prefix"),
        (PATHS + "0.pathType", "ImplementationSpecific"),
        (PATHS + "0.pathType", DELETE),
        *(
            (PATHS + "-", {"path": path, "pathType": "Exact", "backend": API})
            for path in ("/metrics", "/healthz", "/readyz", "/metrics/")
        ),
        (PATHS + "0.backend", OPS),
        (TARGET + "name", "cifar10-ops"),
        ("spec.defaultBackend", API),
        ("metadata.annotations", {"nginx.ingress.kubernetes.io/rewrite-target": "/metrics"}),
        ("metadata.annotations", {"nginx.ingress.kubernetes.io/use-regex": "true"}),
        target="Ingress",
    ),
    *broken_by(
        "a_route_reaches_a_port_of_a_service",
        ("spec.rules.0.backendRefs.0.port", 8000),
        target="HTTPRoute",
        build="gateway",
    ),
    *broken_by(
        "a_route_leads_to_single_paths_of_the_api",
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
    ),
    *broken_by("there_is_one_way_in_by_name", ("", DELETE), ("", COPY), target="Ingress"),
]
