"""NetworkPolicies that block scrapes or all requests."""

from collections.abc import Iterator

from k8s.doctor.families import monitors, services
from k8s.doctor.fields import Json, labels, listed, mapping, name, named, number, selects, strings, text
from k8s.doctor.finding import HIGH, LOW, MEDIUM, Confidence, Evidence, Finding
from k8s.doctor.workloads import Workload


def diagnose(workload: Workload) -> Iterator[Finding]:
    policies = [each for each in workload.cluster.all("NetworkPolicy", workload.namespace) if _holds(each, workload)]
    if not policies:
        return
    scraped = monitors.scraped_ports(workload)
    for port, by in scraped.items():
        if found := _blocked(workload, policies, port, monitors.prometheus_namespaces(workload)):
            yield _finding(
                "network-policy-blocks-scrapes", workload, policies, f"Prometheus' scrapes ({by})", port, *found
            )
    for service in services.of(workload):
        for each in listed(service, "spec", "ports"):
            port = services.target(workload, each) or 0
            if port and port not in scraped and (found := _blocked(workload, policies, port, [])):
                what = f"requests of the Service {name(service)}"
                yield _finding("network-policy-blocks-traffic", workload, policies, what, port, *found)


def _holds(policy: Json, workload: Workload) -> bool:
    types = strings(policy, "spec", "policyTypes") or ["Ingress"]
    return "Ingress" in types and selects(mapping(policy, "spec", "podSelector"), workload.labels)


def _blocked(workload: Workload, policies: list[Json], port: int, sources: list[str]) -> tuple[str, Confidence] | None:
    """Why the rules allow no connection to the port, or none from the namespaces ``sources``."""
    rules = [rule for policy in policies for rule in listed(policy, "spec", "ingress")]
    to_port = [rule for rule in rules if _names(workload, rule, port)]
    if not to_port:
        return "no rule opens this port", HIGH
    if any(not listed(rule, "from") for rule in to_port):
        return None
    peers = [peer for rule in to_port for peer in listed(rule, "from")]
    if any(mapping(peer, "ipBlock") for peer in peers):
        return None
    if sources and not any(_admits(workload, peer, source) for peer in peers for source in sources):
        return f"its rules for this port let nobody in from {' or '.join(sources)}, where Prometheus runs", MEDIUM
    if workload.cluster.knows("Namespace"):
        all_ = [name(each) for each in workload.cluster.all("Namespace")]
        if not any(_admits(workload, peer, each) for peer in peers for each in all_):
            return "its rules for this port name only namespaces that do not exist", HIGH if len(all_) > 1 else LOW
    return None


def _names(workload: Workload, rule: Json, port: int) -> bool:
    """Whether the rule matches the port: by number, range or name, or all ports."""
    if "ports" not in rule or not listed(rule, "ports"):
        return True
    for each in listed(rule, "ports"):
        wanted = each.get("port")
        if wanted is None:
            return True
        for container in workload.containers:
            found = named(listed(container, "ports"), "name", str(wanted))
            wanted = number(found, "containerPort") if found else wanted
        if wanted == port or (isinstance(wanted, int) and wanted <= port <= number(each, "endPort", default=wanted)):
            return True
    return False


def _admits(workload: Workload, peer: Json, source: str) -> bool:
    """Whether the peer matches the namespace; by its name only, if the namespace was not read."""
    if "namespaceSelector" not in peer:
        return source == workload.namespace
    found = workload.cluster.get("Namespace", None, source)
    return selects(mapping(peer, "namespaceSelector"), {**labels(found), "kubernetes.io/metadata.name": source})


def _finding(
    cause: str, workload: Workload, policies: list[Json], what: str, port: int, why: str, confidence: Confidence
) -> Finding:
    names = ", ".join(name(each) for each in policies)
    opened = [each.get("port") for p in policies for r in listed(p, "spec", "ingress") for each in listed(r, "ports")]
    froms = [peer for p in policies for r in listed(p, "spec", "ingress") for peer in listed(r, "from")]
    return Finding(
        cause,
        f"The NetworkPolicy {names} keeps {what} from port {port} of the pods: {why}.",
        confidence,
        (
            Evidence(f"networkpolicy/{names}", "spec.ingress[].ports", ", ".join(map(str, opened)) or "(none)"),
            Evidence(f"networkpolicy/{names}", "spec.ingress[].from", f"{len(froms)} peers"),
            Evidence(workload.ref, "port", f"{port} {_port_name(workload, port)}".strip()),
        ),
        next=(f"kubectl describe networkpolicy {text(policies[0], 'metadata', 'name')}{workload.flag}",),
        fix=(f"kubectl edit networkpolicy {name(policies[0])}{workload.flag}   # spec.ingress: open port {port}",),
    )


def _port_name(workload: Workload, port: int) -> str:
    for container in workload.containers:
        for each in listed(container, "ports"):
            if number(each, "containerPort") == port:
                return text(each, "name")
    return ""
