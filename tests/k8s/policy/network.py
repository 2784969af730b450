"""NetworkPolicies: who may talk to whom, through which port."""

import json
from collections.abc import Iterator
from urllib.parse import urlsplit

from tests.k8s.manifests import Manifests, Object
from tests.k8s.policy.rules import rule

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


@rule
def the_network_policy_opens_what_is_used_and_no_more(manifests: Manifests) -> Iterator[str]:
    for policy in manifests.of("NetworkPolicy"):
        spec = policy["spec"]
        if spec["podSelector"] != {"matchLabels": manifests.deployment["spec"]["selector"]["matchLabels"]}:
            yield "it is not about our pods"
        if sorted(spec["policyTypes"]) != ["Egress", "Ingress"]:
            yield "one direction is left open"
        for way, expected in (("ingress", INCOMING), ("egress", OUTGOING)):
            for peer, port in sorted(_opened(spec, way) ^ expected):
                yield f"{way}, port {port}: {peer} is one too many or is missing"


@rule
def the_gateway_is_let_in(manifests: Manifests) -> Iterator[str]:
    for policy in manifests.of("NetworkPolicy"):
        for parent in (parent for route in manifests.of("HTTPRoute") for parent in route["spec"]["parentRefs"]):
            namespace = parent.get("namespace", manifests.namespace)
            if _pair(_namespace(namespace), "TCP http") not in _opened(policy["spec"], "ingress"):
                yield f"the proxies of a Gateway in the namespace {namespace} are not"


@rule
def the_collector_is_let_out_to(manifests: Manifests) -> Iterator[str]:
    address = urlsplit(manifests.environment().get("OTEL_EXPORTER_OTLP_ENDPOINT", ""))
    for policy in manifests.of("NetworkPolicy"):
        if address.hostname:
            namespace = address.hostname.split(".")[1]
            if _pair(_namespace(namespace), f"TCP {address.port}") not in _opened(policy["spec"], "egress"):
                yield f"{address.netloc} is not"


def _opened(spec: Object, way: str) -> set[Pair]:
    where = "from" if way == "ingress" else "to"
    return {
        _pair(peer, port)
        for each in spec.get(way, [])
        for peers in each.get(where) or [{}]  # none is anyone
        for peer in _one_by_one(peers)
        for port in _ports(each)
    }


def _one_by_one(peer: Object) -> Iterator[Object]:
    """A list of namespaces as that many peers; whatever else a peer may be stays as it is, unlike any expected."""
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
