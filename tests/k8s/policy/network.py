"""NetworkPolicies: allowed peers and ports."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import CONTAINER, DELETE, mutants, rule

NAME = "kubernetes.io/metadata.name"
CONTROLLERS = ("ingress-nginx", "nginx-ingress", "nginx-gateway", "traefik", "envoy-gateway-system", "istio-ingress")


def _namespace(name: str) -> Object:
    return {"namespaceSelector": {"matchLabels": {NAME: name}}}


DNS = (
    {**_namespace("kube-system"), "podSelector": {"matchLabels": {"k8s-app": "kube-dns"}}},
    {"ipBlock": {"cidr": "169.254.20.10/32"}},
)

Pair = tuple[str, str]


def _pair(peer: Object, port: str) -> Pair:
    return json.dumps(peer, sort_keys=True), port


INCOMING = {*(_pair(_namespace(each), "TCP http") for each in (*CONTROLLERS, "gateway"))} | {
    _pair(_namespace("monitoring"), "TCP ops")
}
OUTGOING = {_pair(peer, port) for peer in DNS for port in ("UDP 53", "TCP 53")} | {
    _pair(_namespace("monitoring"), "TCP 4318")
}

POLICY = "NetworkPolicy"
GATEWAY = "overlays/production:hpa+monitoring+gateway+network-policy+otel"
ANYONE: Object = {"namespaceSelector": {}}
NAMES = "spec.ingress.0.from.0.namespaceSelector.matchExpressions.0."


def swapped_ports(rules: list[Object]) -> list[Object]:
    return [one | {"ports": other["ports"]} for one, other in zip(rules, reversed(rules), strict=True)]


@rule(
    mutants(
        ("spec.podSelector.matchLabels", {"a": "b"}),
        ("spec.podSelector", {}),
        ("spec.policyTypes", ["Ingress"]),
        ("spec.ingress.0.from", DELETE),
        ("spec.ingress.0.from", [ANYONE]),
        ("spec.ingress.0.from.-", {"podSelector": {}}),
        (NAMES + "operator", "NotIn"),
        (NAMES + "values.-", "default"),
        ("spec.ingress.0.ports", [{"protocol": "TCP", "port": "ops"}]),
        ("spec.ingress.0.ports.-", {"protocol": "TCP", "port": "ops"}),
        ("spec.ingress.0.ports.0.endPort", 9000),
        ("spec.ingress", swapped_ports),
        ("spec.ingress.1.from", [ANYONE]),
        ("spec.ingress.1.from.0.podSelector", {"matchLabels": {"a": "b"}}),
        ("spec.ingress.1.ports.0.port", "http"),
        ("spec.ingress.1.ports.0.port", 9090),
        ("spec.ingress.1", DELETE),
        ("spec.ingress.-", {}),
        ("spec.egress.0.to.-", {"ipBlock": {"cidr": "0.0.0.0/0"}}),
        ("spec.egress.0.to.1.ipBlock.cidr", "0.0.0.0/0"),
        ("spec.egress.1.to", [ANYONE]),
        ("spec.egress.1.ports", DELETE),
        ("spec.egress.-", {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}], "ports": [{"protocol": "TCP", "port": 443}]}),
        target=POLICY,
    )
)
def the_network_policy_allows_the_used_connections_only(manifests: Manifests) -> Iterator[str]:
    for policy in manifests.of("NetworkPolicy"):
        spec = policy["spec"]
        if spec["podSelector"] != {"matchLabels": manifests.deployment["spec"]["selector"]["matchLabels"]}:
            yield "it selects other pods"
        if sorted(spec["policyTypes"]) != ["Egress", "Ingress"]:
            yield "it does not restrict both directions"
        for way, expected in (("ingress", INCOMING), ("egress", OUTGOING)):
            for peer, port in sorted(_opened(spec, way) ^ expected):
                yield f"{way}, port {port}: {peer} is missing or not expected"


@rule(
    mutants(
        ("spec.parentRefs.0.namespace", "another"),
        ("spec.parentRefs.0.namespace", DELETE),
        target="HTTPRoute",
        build=GATEWAY,
    ),
    mutants((NAMES + "values", ["ingress-nginx"]), target=POLICY, build=GATEWAY),
)
def the_gateway_may_connect(manifests: Manifests) -> Iterator[str]:
    for policy in manifests.of("NetworkPolicy"):
        for parent in (parent for route in manifests.of("HTTPRoute") for parent in route["spec"]["parentRefs"]):
            namespace = parent.get("namespace", manifests.namespace)
            if _pair(_namespace(namespace), "TCP http") not in _opened(policy["spec"], "ingress"):
                yield f"a Gateway in the namespace {namespace} may not connect"


@rule(
    mutants(
        (
            CONTAINER + "env.-",
            {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.tracing.svc:4318"},
        ),
        (
            CONTAINER + "env.-",
            {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://otel-collector.monitoring.svc:4317"},
        ),
    ),
    mutants(("spec.egress.1", DELETE), target=POLICY),
)
def the_pod_may_connect_to_the_collector(manifests: Manifests) -> Iterator[str]:
    address = urlsplit(manifests.environment().get("OTEL_EXPORTER_OTLP_ENDPOINT", ""))
    for policy in manifests.of("NetworkPolicy"):
        if address.hostname:
            namespace = address.hostname.split(".")[1]
            if _pair(_namespace(namespace), f"TCP {address.port}") not in _opened(policy["spec"], "egress"):
                yield f"connections to {address.netloc} are not allowed"


def _opened(spec: Object, way: str) -> set[Pair]:
    where = "from" if way == "ingress" else "to"
    return {
        _pair(peer, port)
        for each in spec.get(way, [])
        for peers in each.get(where) or [{}]  # no peers: any peer
        for peer in _one_by_one(peers)
        for port in _ports(each)
    }


def _one_by_one(peer: Object) -> Iterator[Object]:
    """A selector of several namespaces as one peer for each; any other peer unchanged."""
    match peer:
        case {"namespaceSelector": {"matchExpressions": [{"key": key, "operator": "In", "values": [*names]}]}} if (
            key == NAME and len(peer) == len(peer["namespaceSelector"]) == 1
        ):
            yield from (_namespace(name) for name in names)
        case _:
            yield peer


def _ports(opening: Object) -> Iterator[str]:
    for port in opening.get("ports") or [{"protocol": "any", "port": "port"}]:
        upto = f"-{port['endPort']}" if "endPort" in port else ""
        yield f"{port.get('protocol', 'TCP')} {port.get('port', 'any')}{upto}"
