"""Services: whether they select pods, and whether the target port exists."""

import json
from collections.abc import Iterator
from typing import Any

from k8s.doctor.fields import Json, field, labels, listed, mapping, name, named, namespace, number, strings, text
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.workloads import Workload


def of(workload: Workload) -> list[Json]:
    """The Services that select the workload's pods."""
    return [each for each in _with_selector(workload) if _takes(mapping(each, "spec", "selector"), workload.labels)]


def diagnose(workload: Workload) -> Iterator[Finding]:
    for service in of(workload):
        for port in listed(service, "spec", "ports"):
            if found := _wrong_port(workload, service, port):
                yield found
    for service in lost(workload):
        yield _nothing(workload, service)


def lost(workload: Workload) -> list[Json]:
    """The Services that select no pod and were probably meant for this workload."""
    there = _with_selector(workload)
    return [each for each in there if _selects_nothing(workload, each) and _meant(workload, each)]


def target(workload: Workload, port: Json) -> int | None:
    """The container port that a Service's port targets, or ``None`` if it does not exist."""
    wanted = port.get("targetPort", port.get("port"))
    if isinstance(wanted, int):
        return wanted
    for container in workload.containers:
        if found := named(listed(container, "ports"), "name", str(wanted)):
            return number(found, "containerPort")
    return int(wanted) if isinstance(wanted, str) and wanted.isdigit() else None


def endpoints(workload: Workload, service: Json) -> tuple[list[str], list[str]]:
    """Ready and unready addresses in the Service's EndpointSlices."""
    ready: list[str] = []
    unready: list[str] = []
    for piece in workload.cluster.all("EndpointSlice", namespace(service)):
        if text(labels(piece), "kubernetes.io/service-name") == name(service):
            for each in listed(piece, "endpoints"):
                state = mapping(each, "conditions").get("ready")
                (ready if state in (True, None) else unready).extend(strings(each, "addresses"))
    return ready, unready


def _with_selector(workload: Workload) -> list[Json]:
    all_ = workload.cluster.all("Service", workload.namespace)
    return [each for each in all_ if mapping(each, "spec", "selector") and text(each, "spec", "type") != "ExternalName"]


def _takes(selector: Json, of: Json) -> bool:
    return all(of.get(key) == value for key, value in selector.items())


def _wrong_port(workload: Workload, service: Json, port: Json) -> Finding | None:
    declared = [each for container in workload.containers for each in listed(container, "ports")]
    wanted = port.get("targetPort", port.get("port"))
    number_ = target(workload, port)
    protocol = text(port, "protocol") or "TCP"
    same = [each for each in declared if (text(each, "protocol") or "TCP") == protocol]
    if not workload.containers or (isinstance(wanted, int) and not same):
        return None
    if number_ is not None and (not same or number_ in [number(each, "containerPort") for each in same]):
        return None
    if number_ is not None and number_ in _probed(workload):
        return None  # ports need not be declared, and a probe knows this one
    has = ", ".join(f"{each.get('containerPort')} {text(each, 'name')}".strip() for each in same)
    shown = f"named {wanted}" if number_ is None else str(wanted)
    best = (text(same[0], "name") or number(same[0], "containerPort")) if same else "<port>"
    index = listed(service, "spec", "ports").index(port)
    change = json.dumps([{"op": "replace", "path": f"/spec/ports/{index}/targetPort", "value": best}])
    evidence = [
        Evidence(f"service/{name(service)}", f"spec.ports[{index}].targetPort", str(wanted)),
        Evidence(workload.ref, "containers[].ports", has or "(none)"),
    ]
    for piece in workload.cluster.all("EndpointSlice", namespace(service)):
        if text(labels(piece), "kubernetes.io/service-name") == name(service):
            numbers = ", ".join(str(each.get("port")) for each in listed(piece, "ports"))
            evidence.append(
                Evidence(f"endpointslice/{name(piece)}", "ports", numbers or "(none): nothing is sent anywhere")
            )
    return Finding(
        "service-port-wrong",
        f"The Service {name(service)} sends port {port.get('port')} to a port {shown}, "
        f"but the pods have {has or 'no ports'}.",
        HIGH if number_ is None else MEDIUM,
        tuple(evidence),
        next=(f"kubectl get endpointslices -l kubernetes.io/service-name={name(service)}{workload.flag}",),
        fix=(f"kubectl patch service {name(service)} --type=json -p '{change}'{workload.flag}",),
    )


def _probed(workload: Workload) -> set[Any]:
    probes = [mapping(each, key) for each in workload.containers for key in ("readinessProbe", "livenessProbe")]
    return {field(probe, way, "port") for probe in probes for way in ("httpGet", "tcpSocket", "grpc")}


def _selects_nothing(workload: Workload, service: Json) -> bool:
    selector = mapping(service, "spec", "selector")
    if any(_takes(selector, each.labels) for each in workload.peers):
        return False
    return not any(_takes(selector, labels(pod)) for pod in workload.cluster.all("Pod", workload.namespace))


def _meant(workload: Workload, service: Json) -> bool:
    """Whether this workload has the most similar labels and name, so the Service was probably meant for it."""
    rivals = [each for each in workload.peers if each.kind != "Job"]
    if len(rivals) == 1:
        return True
    best = max(rivals, key=lambda each: _nearness(each, service), default=None)
    return best is not None and best.obj is workload.obj and _nearness(workload, service) > 0


def _nearness(workload: Workload, service: Json) -> int:
    selector = mapping(service, "spec", "selector")
    shared: int = sum(workload.labels.get(key) == value for key, value in selector.items())
    alike: int = sum(workload.labels.get(key) == value for key, value in labels(service).items())
    keys = sum(key in workload.labels for key in selector)
    parts = zip(workload.name.split("-"), name(service).split("-"), strict=False)
    stem = sum(mine == theirs for mine, theirs in parts)
    return 4 * shared + 2 * alike + 3 * stem + keys


def _nothing(workload: Workload, service: Json) -> Finding:
    selector = mapping(service, "spec", "selector")
    shown = ",".join(f"{key}={value}" for key, value in selector.items())
    have = ",".join(f"{key}={workload.labels.get(key, '(absent)')}" for key in selector)
    wanted = {key: workload.labels.get(key) for key in selector}
    if not any(wanted.values()):
        wanted |= mapping(workload.obj, "spec", "selector", "matchLabels") or workload.labels
    change = json.dumps({"spec": {"selector": wanted}})
    return Finding(
        "service-selects-nothing",
        f"The Service {name(service)} selects {shown}, which no pod has: it has nowhere to send requests to.",
        HIGH,
        (
            Evidence(f"service/{name(service)}", "spec.selector", shown),
            Evidence(workload.ref, "spec.template.metadata.labels", have),
        ),
        next=(f"kubectl get pods -l {shown}{workload.flag}",),
        fix=(f"kubectl patch service {name(service)} -p '{change}'{workload.flag}",),
    )
