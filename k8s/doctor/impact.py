"""The impact: pods that still serve, where requests go, and further notes."""

from collections.abc import Iterator

from k8s.doctor.families import ingresses, services, throttling
from k8s.doctor.fields import Json, listed, name, number, text
from k8s.doctor.workloads import REVISION, Workload


def felt(workload: Workload) -> Iterator[str]:
    """Which pods serve, and where requests go."""
    old = [pod for pod in workload.serving if pod.old]
    new = [pod for pod in workload.serving if not pod.old]
    if not workload.cluster.knows("Pod"):
        ready = f"{number(workload.obj, 'status', 'readyReplicas')} of {workload.desired} pods are ready"
        yield f"{ready}, by the status of {workload.ref}; its pods were not read."
    elif old and len(new) < workload.desired:
        revision = next((text(each, "metadata", "annotations", REVISION) for each in workload.replica_sets[1:2]), "")
        which = f" (revision {revision})" if revision else ""
        yield f"{len(old)} old pods{which} still serve; of the new revision {len(new)} of {workload.desired} are ready."
    else:
        yield f"{len(workload.serving)} of {workload.desired} pods are ready."
    for service in services.of(workload):
        yield _reach(workload, service)
    for service in services.lost(workload):
        yield f"service/{name(service)} has no endpoint at all: requests are refused."
    for ingress in ingresses.of(workload):
        hosts = ", ".join(text(rule, "host") or "*" for rule in listed(ingress, "spec", "rules")) or "*"
        where = ingresses.address(ingress)
        yield f"ingress/{name(ingress)} ({hosts}) {'is served at ' + where if where else 'has no address yet'}."


def _reach(workload: Workload, service: Json) -> str:
    targets = {str(port.get("port")): services.target(workload, port) for port in listed(service, "spec", "ports")}
    if None in targets.values():
        return f"service/{name(service)} sends requests nowhere: the pods have no port of that name."
    ports = ", ".join(f"{port} to {target}" for port, target in targets.items())
    ready, unready = services.endpoints(workload, service)
    if not ready and not unready and not workload.cluster.knows("EndpointSlice"):
        ready = [text(pod.obj, "status", "podIP") or pod.name for pod in workload.serving]
    if ready:
        more = f" and {len(ready) - 3} more" if len(ready) > 3 else ""
        return f"service/{name(service)} sends port {ports} of {', '.join(ready[:3])}{more}."
    rest = f"; {len(unready)} are not ready" if unready else ""
    return f"service/{name(service)} (port {ports}) has no ready endpoint{rest}: requests are refused."


def notes(workload: Workload) -> Iterator[str]:
    """Notes that are not faults."""
    for container in [container for pod in workload.serving[:1] for container in pod.containers]:
        limit = container.limit("cpu")
        if limit and limit <= throttling.VERY_LOW_LIMIT:
            yield f"The {container.described} may use no more than {limit:g} CPUs: expect it to be slow."
    over = [pod for pod in workload.pods if pod.phase == "Failed"]
    if over and len(workload.serving) >= workload.desired:
        remove = f"kubectl delete pods --field-selector status.phase=Failed{workload.flag}"
        yield f"{len(over)} Failed pods are left over: {remove}"
    restarts = sum(container.restarts for pod in workload.serving for container in pod.containers)
    if restarts:
        yield f"The ready pods' containers have been restarted {restarts} times."
