"""What a cluster makes of the workload, played for the fake API server.

The healthy overlay gets a healthy pod; a pod template with a fault brings the pods and events of a recording beside
it. A recording's pods get the uid and the name they had.
"""

import copy
from collections.abc import Callable
from typing import Any

from tests.k8s.drill.apiserver import FakeApiServer
from tests.k8s.faults.recorded import recording

NAME = "cifar10-deployment"
LABELS = {"app.kubernetes.io/name": "cifar10"}

Object = dict[str, Any]


def cluster(fault: str) -> Callable[[FakeApiServer], None]:
    """``play`` for a server whose first Deployment is the healthy one, and any other template has this fault."""
    healthy: list[Object] = []

    def play(fake: FakeApiServer) -> None:
        deployment = fake.named("deployments", NAME)
        if deployment is None:
            return
        template = deployment["spec"]["template"]
        healthy[:] = healthy or [copy.deepcopy(template)]
        well = template == healthy[0]
        count = deployment["spec"]["replicas"]
        deployment["status"] = {
            "observedGeneration": deployment["metadata"]["generation"],
            "replicas": count if well else count + 1,
            "updatedReplicas": count if well else 1,
            "availableReplicas": count,
        }
        fake.clear("pods", unless=lambda pod: pod["status"]["phase"] == "Failed")  # nobody removes those
        for name in ["healthy"] if well else ["healthy", fault]:
            _put(fake, name)

    return play


def _put(fake: FakeApiServer, name: str) -> None:
    view = recording(name).view
    for pod in view.pods:
        fake.put("pods", pod | {"metadata": pod["metadata"] | {"labels": LABELS}})
    for event in view.events:
        fake.put("events", event)
