"""ServiceMonitors: whether Prometheus selects them, and whether they select a port of the workload."""

from collections.abc import Iterator

from k8s.doctor.families import services
from k8s.doctor.fields import (
    Json,
    field,
    labels,
    listed,
    mapping,
    name,
    named,
    namespace,
    number,
    selects,
    strings,
    text,
)
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.workloads import Workload

USUAL = ("metrics", "http-metrics", "ops", "prometheus", "monitoring")
"""Usual names of metrics ports, used for policies if no monitor could be read."""


def diagnose(workload: Workload) -> Iterator[Finding]:
    for monitor in workload.cluster.all("ServiceMonitor"):
        if _looks_into(monitor, workload.namespace):
            taken = _services(monitor, workload)
            if not taken and _meant(monitor, workload):
                yield _selects_nothing(monitor, workload)
            for each in [each for each in taken if each in services.of(workload)]:
                yield from _wrong_port(monitor, each, workload)
            if taken and any(each in services.of(workload) for each in taken):
                yield from _not_taken(monitor, workload)


def scraped_ports(workload: Workload) -> dict[int, str]:
    """The scraped container ports, with the source of this information."""
    found: dict[int, str] = {}
    for monitor in workload.cluster.all("ServiceMonitor"):
        if not _looks_into(monitor, workload.namespace):
            continue
        for service in [each for each in _services(monitor, workload) if each in services.of(workload)]:
            for endpoint in listed(monitor, "spec", "endpoints"):
                port = named(listed(service, "spec", "ports"), "name", text(endpoint, "port"))
                if port and (number_ := services.target(workload, port)):
                    found[number_] = f"ServiceMonitor {name(monitor)}"
    for monitor in workload.cluster.all("PodMonitor"):
        if _looks_into(monitor, workload.namespace) and selects(mapping(monitor, "spec", "selector"), workload.labels):
            for endpoint in listed(monitor, "spec", "podMetricsEndpoints"):
                for container in workload.containers:
                    port = named(listed(container, "ports"), "name", text(endpoint, "port"))
                    if port:
                        found[number(port, "containerPort")] = f"PodMonitor {name(monitor)}"
    notes = mapping(workload.template, "metadata", "annotations")
    if notes.get("prometheus.io/scrape") == "true" and str(notes.get("prometheus.io/port", "")).isdigit():
        found[int(str(notes["prometheus.io/port"]))] = "annotation prometheus.io/scrape"
    return found or _usual_ports(workload)


def _usual_ports(workload: Workload) -> dict[int, str]:
    if workload.cluster.all("ServiceMonitor"):
        return {}
    return {
        number_: f"port {text(port, 'name')} of the Service {name(service)}"
        for service in services.of(workload)
        for port in listed(service, "spec", "ports")
        if text(port, "name") in USUAL and (number_ := services.target(workload, port))
    }


def prometheus_namespaces(workload: Workload) -> list[str]:
    """The namespaces of the Prometheus objects that were read."""
    return sorted({namespace(each) for each in workload.cluster.all("Prometheus")})


def _looks_into(monitor: Json, where: str) -> bool:
    selector = mapping(monitor, "spec", "namespaceSelector")
    if selector.get("any") is True:
        return True
    return where in (strings(selector, "matchNames") or [namespace(monitor)])


def _services(monitor: Json, workload: Workload) -> list[Json]:
    there = workload.cluster.all("Service", workload.namespace)
    return [each for each in there if selects(mapping(monitor, "spec", "selector"), labels(each))]


def _meant(monitor: Json, workload: Workload) -> bool:
    """Whether a monitor that selects nothing was meant for this workload."""
    rivals = [each for each in workload.peers if each.kind != "Job"]
    wanted = mapping(monitor, "spec", "selector", "matchLabels")
    alike = any(workload.labels.get(key) == value for key, value in [*wanted.items(), *labels(monitor).items()])
    return alike or len(rivals) == 1 or name(monitor).split("-")[0] == workload.name.split("-")[0]


def _selects_nothing(monitor: Json, workload: Workload) -> Finding:
    wanted = mapping(monitor, "spec", "selector", "matchLabels")
    shown = ",".join(f"{key}={value}" for key, value in wanted.items()) or "by expressions"
    there = workload.cluster.all("Service", workload.namespace)
    has = [
        Evidence(f"service/{name(e)}", "metadata.labels", ",".join(f"{k}={labels(e).get(k)}" for k in wanted))
        for e in there
    ]
    return Finding(
        "service-monitor-selects-nothing",
        f"The ServiceMonitor {name(monitor)} selects {shown}, which no Service has: Prometheus scrapes nothing.",
        HIGH,
        (Evidence(f"servicemonitor/{name(monitor)}", "spec.selector.matchLabels", shown), *has),
        next=(f"kubectl get services --show-labels{workload.flag}",),
        fix=(f"{_edit(monitor)}   # spec.selector: labels of the Service, not of the pods",),
    )


def _wrong_port(monitor: Json, service: Json, workload: Workload) -> Iterator[Finding]:
    there = [text(each, "name") for each in listed(service, "spec", "ports")]
    for endpoint in listed(monitor, "spec", "endpoints"):
        wanted = text(endpoint, "port")
        if wanted and wanted not in there:
            yield Finding(
                "service-monitor-selects-nothing",
                f"The ServiceMonitor {name(monitor)} scrapes a port named {wanted}, which the Service {name(service)} "
                f"does not have: Prometheus scrapes nothing.",
                HIGH,
                (
                    Evidence(f"servicemonitor/{name(monitor)}", "spec.endpoints[].port", wanted),
                    Evidence(f"service/{name(service)}", "spec.ports[].name", ", ".join(there)),
                ),
                next=(f"kubectl describe service {name(service)}{workload.flag}",),
                fix=(f"{_edit(monitor)}   # spec.endpoints[].port: the name of the Service's port, not its number",),
            )


def _not_taken(monitor: Json, workload: Workload) -> Iterator[Finding]:
    """Every Prometheus selects labels that the monitor does not have."""
    all_ = workload.cluster.all("Prometheus")
    wanted = [field(each, "spec", "serviceMonitorSelector") for each in all_]
    if not all_ or any(isinstance(each, dict) and selects(each, labels(monitor)) for each in wanted):
        return
    shown = "; ".join(",".join(f"{k}={v}" for k, v in mapping(each, "matchLabels").items()) for each in wanted)
    missing = shown.replace(",", " ") or "<label>=<value>"
    yield Finding(
        "service-monitor-not-selected",
        f"No Prometheus takes the ServiceMonitor {name(monitor)}: wanted are the labels {shown or '(no selector)'}.",
        HIGH if shown else MEDIUM,
        (
            Evidence(f"prometheus/{name(all_[0])}", "spec.serviceMonitorSelector", shown or "(none)"),
            Evidence(
                f"servicemonitor/{name(monitor)}",
                "metadata.labels",
                ",".join(f"{k}={v}" for k, v in labels(monitor).items()),
            ),
        ),
        next=("kubectl get prometheuses -A -o yaml",),
        fix=(f"kubectl label servicemonitor {name(monitor)} -n {namespace(monitor)} {missing}",),
    )


def _edit(monitor: Json) -> str:
    return f"kubectl edit servicemonitor {name(monitor)} -n {namespace(monitor)}"
