"""What breaks the rules about Services."""

from tests.k8s.mutations.mutation import broken_by

API = "Service/cifar10-service"

MUTATIONS = [
    *broken_by(
        "a_service_finds_the_pods_and_their_ports",
        ("spec.selector", {"app": "cifar10"}),
        ("spec.ports.0.targetPort", "web"),
        target=API,
    ),
    *broken_by("one_port_of_the_nodes_is_opened_at_most", ("spec.ports.0.nodePort", 30081), target=API),
    *broken_by(
        "one_port_of_the_nodes_is_opened_at_most", ("spec.ports.0.nodePort", 30080), target="Service/cifar10-ops"
    ),
]
