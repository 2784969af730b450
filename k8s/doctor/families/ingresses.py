"""Ingresses: whether their class has a controller, and whether their Service port exists."""

import json
from collections.abc import Iterator

from k8s.doctor.families import services
from k8s.doctor.fields import Json, field, listed, mapping, name, namespace, text
from k8s.doctor.finding import HIGH, Evidence, Finding
from k8s.doctor.workloads import Workload

DEFAULT = "ingressclass.kubernetes.io/is-default-class"
OLD = "kubernetes.io/ingress.class"


def of(workload: Workload) -> list[Json]:
    """The Ingresses of the workload. Those without an existing Service count for every workload of the namespace."""
    ours = {name(each) for each in services.of(workload)}
    there = {name(each) for each in workload.cluster.all("Service", workload.namespace)}
    return [
        each
        for each in workload.cluster.all("Ingress", workload.namespace)
        if any(text(b, "name") in ours or text(b, "name") not in there for b in _backends(each))
    ]


def diagnose(workload: Workload) -> Iterator[Finding]:
    for ingress in of(workload):
        yield from _class(workload, ingress)
        yield from _broken(workload, ingress)


def address(ingress: Json) -> str:
    """The address that a controller has set, or an empty string."""
    given = listed(ingress, "status", "loadBalancer", "ingress")
    return ", ".join(text(each, "ip") or text(each, "hostname") for each in given)


def _class(workload: Workload, ingress: Json) -> Iterator[Finding]:
    wanted = text(ingress, "spec", "ingressClassName")
    known = workload.cluster.all("IngressClass")
    names = [name(each) for each in known]
    if not workload.cluster.knows("IngressClass") or address(ingress) or text(ingress, "metadata", "annotations", OLD):
        return
    default = any(field(each, "metadata", "annotations", DEFAULT) == "true" for each in known)
    if wanted in names or (not wanted and default):
        return
    there = f"there is only {', '.join(names)}" if names else "the cluster has none, so no ingress controller either"
    what = f"the class {wanted}" if wanted else "no class, and none is the default"
    if names:
        change = json.dumps({"spec": {"ingressClassName": names[0]}})
        fix = f"kubectl patch ingress {name(ingress)} -p '{change}'{workload.flag}"
    else:
        fix = f"kubectl get ingressclasses   # install an ingress controller whose class is {wanted or 'the default'}"
    yield Finding(
        "ingress-class-missing",
        f"The Ingress {name(ingress)} names {what}; {there}: nobody carries it out.",
        HIGH,
        (
            Evidence(f"ingress/{name(ingress)}", "spec.ingressClassName", wanted or "(none)"),
            Evidence("ingressclasses", "names", ", ".join(names) or "(none)"),
            Evidence(f"ingress/{name(ingress)}", "status.loadBalancer", "(empty): no controller has taken it up"),
        ),
        next=("kubectl get ingressclasses",),
        fix=(fix,),
    )


def _broken(workload: Workload, ingress: Json) -> Iterator[Finding]:
    if not workload.cluster.knows("Service"):
        return
    seen: set[str] = set()
    for backend in _backends(ingress):
        service = workload.cluster.get("Service", namespace(ingress), text(backend, "name"))
        wanted = field(backend, "port", "name") or field(backend, "port", "number")
        ports = listed(service, "spec", "ports")
        there = [each for each in ports if wanted in (text(each, "name"), each.get("port"))]
        key = f"{text(backend, 'name')}:{wanted}"
        if there or key in seen or (service and wanted is None) or not text(backend, "name"):
            continue
        seen.add(key)
        has = ", ".join(f"{each.get('port')} {text(each, 'name')}".strip() for each in ports)
        what = f"port {wanted} of the Service {text(backend, 'name')}"
        why = f"which has {has or 'no ports'}" if service else "which does not exist"
        yield Finding(
            "ingress-backend-missing",
            f"The Ingress {name(ingress)} leads to {what}, {why}.",
            HIGH,
            (
                Evidence(f"ingress/{name(ingress)}", "spec.rules[].http.paths[].backend.service", key),
                Evidence(f"service/{text(backend, 'name')}", "spec.ports", has or "(the Service does not exist)"),
            ),
            next=(f"kubectl describe ingress {name(ingress)}{workload.flag}",),
            fix=(f"kubectl edit ingress {name(ingress)}{workload.flag}   # name and port of the Service",),
        )


def _backends(ingress: Json) -> list[Json]:
    paths = [path for rule in listed(ingress, "spec", "rules") for path in listed(rule, "http", "paths")]
    all_ = [mapping(path, "backend", "service") for path in paths]
    return [each for each in [*all_, mapping(ingress, "spec", "defaultBackend", "service")] if each]
