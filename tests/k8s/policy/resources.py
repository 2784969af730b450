"""Requests and limits."""

from collections.abc import Iterator

from tests.k8s.manifests import Manifests, quantity
from tests.k8s.policy.measured import LOADED_MEMORY, PEAK_MEMORY, ROOM
from tests.k8s.policy.rules import CONTAINER, DELETE, SPEC, mutants, rule

LIMITS, REQUESTS = CONTAINER + "resources.limits.", CONTAINER + "resources.requests."


@rule(mutants((LIMITS + "memory", DELETE), (REQUESTS + "cpu", DELETE), (SPEC + "volumes.0.emptyDir", {})))
def memory_disk_and_cpu_have_requests_and_limits(manifests: Manifests) -> Iterator[str]:
    for where in ("requests", "limits"):
        for resource in ("memory", "ephemeral-storage"):
            if resource not in manifests.container["resources"].get(where, {}):
                yield f"no {resource} in {where}"
    if "cpu" not in manifests.container["resources"].get("requests", {}):
        yield "no cpu in requests"
    for volume in manifests.pod.get("volumes", []):
        if "emptyDir" in volume and "sizeLimit" not in (volume["emptyDir"] or {}):
            yield f"the volume {volume['name']} has no sizeLimit"


@rule(mutants((LIMITS + "memory", "1Gi"), (REQUESTS + "memory", "256Mi")))
def memory_exceeds_the_measured_use(manifests: Manifests) -> Iterator[str]:
    resources = manifests.container["resources"]
    for where, measured in (("requests", LOADED_MEMORY), ("limits", PEAK_MEMORY)):
        if "memory" in resources[where] and quantity(resources[where]["memory"]) < ROOM * measured:
            yield f"memory in {where} is less than {ROOM * measured / 2**20:.0f}Mi"


@rule(mutants((LIMITS + "cpu", "4"), (CONTAINER + "env", [])))
def threads_equal_the_cores(manifests: Manifests) -> Iterator[str]:
    variables = {variable["name"]: variable for variable in manifests.container.get("env", [])}
    source = variables.get("PREDICTOR_CPU_THREADS", {}).get("valueFrom", {}).get("resourceFieldRef", {})
    limited = "cpu" in manifests.container["resources"].get("limits", {})
    expected = "limits.cpu" if limited else "requests.cpu"
    if source.get("resource") != expected or source.get("divisor") != "1":
        yield f"PREDICTOR_CPU_THREADS is not taken from {expected}"
