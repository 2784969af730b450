"""Three probes that ask three different questions."""

from collections.abc import Iterator

from service.settings import Settings
from tests.k8s.manifests import Manifests, probes
from tests.k8s.policy.measured import START_SECONDS
from tests.k8s.policy.rules import rule

PATHS = {"startupProbe": "/healthz", "readinessProbe": "/readyz", "livenessProbe": "/healthz"}


@rule
def each_probe_asks_its_own_question_on_the_ops_port(manifests: Manifests) -> Iterator[str]:
    found = dict(probes(manifests.container))
    for name, path in PATHS.items():
        if found.get(name, {}).get("httpGet") != {"path": path, "port": "ops"}:
            yield f"{name} is not GET {path} on the port named ops"


@rule
def a_slow_start_is_no_failure(manifests: Manifests) -> Iterator[str]:
    probe = manifests.container["startupProbe"]
    budget = probe["periodSeconds"] * probe["failureThreshold"]
    if budget < 10 * START_SECONDS:
        yield f"a start may take {budget} s, and a busy node is ten times slower than {START_SECONDS:g} s"
    if budget >= manifests.deployment["spec"]["progressDeadlineSeconds"]:
        yield "the rollout is called failed before the start is"


@rule
def a_busy_server_is_not_restarted(manifests: Manifests) -> Iterator[str]:
    liveness, readiness = manifests.container["livenessProbe"], manifests.container["readinessProbe"]
    patience = liveness["periodSeconds"] * liveness["failureThreshold"]
    if patience < 30:
        yield f"a server that hangs for {patience} s is killed"
    if patience <= readiness["periodSeconds"] * readiness["failureThreshold"]:
        yield "a server is killed before it is taken out of the Service"


@rule
def the_probed_port_is_the_servers(manifests: Manifests) -> Iterator[str]:
    settings = Settings.from_env(manifests.environment())
    if manifests.container_ports != {"http": settings.port, "ops": settings.ops_port}:
        yield f"the server listens on {settings.port} and {settings.ops_port}"
