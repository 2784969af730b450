"""Startup, readiness and liveness probes."""

from collections.abc import Iterator

from service.settings import Settings
from tests.k8s.manifests import Manifests, probes
from tests.k8s.policy.measured import START_SECONDS
from tests.k8s.policy.rules import CONTAINER, DELETE, ENV, mutants, rule

PATHS = {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}


@rule(
    mutants(
        (CONTAINER + "startupProbe", DELETE),
        (CONTAINER + "livenessProbe.httpGet.path", "/readyz"),
        (CONTAINER + "readinessProbe.httpGet.port", 9000),
    )
)
def each_probe_requests_its_path_on_the_ops_port(manifests: Manifests) -> Iterator[str]:
    found = dict(probes(manifests.container))
    for name, path in PATHS.items():
        if found.get(name, {}).get("httpGet") != {"path": path, "port": "ops"}:
            yield f"{name} is not GET {path} on the port named ops"


@rule(mutants((CONTAINER + "startupProbe.failureThreshold", 5), ("spec.progressDeadlineSeconds", 60)))
def a_slow_start_is_tolerated(manifests: Manifests) -> Iterator[str]:
    probe = manifests.container["startupProbe"]
    budget = probe["periodSeconds"] * probe["failureThreshold"]
    if budget < 10 * START_SECONDS:
        yield f"the startup probe allows {budget} s, less than ten times the measured {START_SECONDS:g} s"
    if budget >= manifests.deployment["spec"]["progressDeadlineSeconds"]:
        yield "progressDeadlineSeconds ends before the startup probe fails"


@rule(mutants((CONTAINER + "livenessProbe.failureThreshold", 1)))
def a_busy_server_is_not_restarted(manifests: Manifests) -> Iterator[str]:
    liveness, readiness = manifests.container["livenessProbe"], manifests.container["readinessProbe"]
    patience = liveness["periodSeconds"] * liveness["failureThreshold"]
    if patience < 30:
        yield f"the liveness probe kills a server after {patience} s"
    if patience <= readiness["periodSeconds"] * readiness["failureThreshold"]:
        yield "the liveness probe fails before the readiness probe"


@rule(mutants((CONTAINER + "ports.1.containerPort", 9090), (ENV + "-", {"name": "PREDICTOR_PORT", "value": "8080"})))
def the_container_ports_are_the_servers(manifests: Manifests) -> Iterator[str]:
    settings = Settings.from_env(manifests.environment())
    if manifests.container_ports != {"http": settings.port, "ops": settings.ops_port}:
        yield f"the server listens on {settings.port} and {settings.ops_port}"
