"""What breaks the rules about the NetworkPolicy."""

from tests.k8s.manifests import Object
from tests.k8s.mutations.mutation import CONTAINER, DELETE, broken_by

POLICY = "NetworkPolicy"
GATEWAY = "overlays/production:hpa+monitoring+gateway+network-policy+otel"
ANYONE: Object = {"namespaceSelector": {}}
NAMES = "spec.ingress.0.from.0.namespaceSelector.matchExpressions.0."


def with_their_ports_swapped(rules: list[Object]) -> list[Object]:
    return [one | {"ports": other["ports"]} for one, other in zip(rules, reversed(rules), strict=True)]


MUTATIONS = [
    *broken_by(
        "the_network_policy_opens_what_is_used_and_no_more",
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
        ("spec.ingress", with_their_ports_swapped),
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
    ),
    *broken_by(
        "the_gateway_is_let_in",
        ("spec.parentRefs.0.namespace", "another"),
        ("spec.parentRefs.0.namespace", DELETE),
        target="HTTPRoute",
        build=GATEWAY,
    ),
    *broken_by("the_gateway_is_let_in", (NAMES + "values", ["ingress-nginx"]), target=POLICY, build=GATEWAY),
    *broken_by(
        "the_collector_is_let_out_to",
        (
            CONTAINER + "env.-",
            {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://collector.tracing.svc:4318"},
        ),
        (
            CONTAINER + "env.-",
            {"name": "OTEL_EXPORTER_OTLP_ENDPOINT", "value": "http://otel-collector.monitoring.svc:4317"},
        ),
    ),
    *broken_by("the_collector_is_let_out_to", ("spec.egress.1", DELETE), target=POLICY),
]
