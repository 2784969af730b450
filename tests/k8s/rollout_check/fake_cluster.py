"""A fake cluster with one Deployment, for the real kubectl to change and to watch."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.k8s.apiserver.server import FakeApiServer, Object
from tests.k8s.apiserver.serving import serving

NAME = "cifar10-deployment"


@dataclass
class Cluster:
    """:meth:`progress` sets the status that the Deployment's controller would set."""

    fake: FakeApiServer

    @property
    def address(self) -> str:
        """Where kubectl's ``--server`` finds it."""
        return f"http://127.0.0.1:{self.fake.port}"

    @property
    def watched(self) -> threading.Event:
        """Whether somebody waits for changes."""
        return self.fake.watched

    def progress(self, updated: int, replicas: int, available: int) -> None:
        deployment = self.fake.objects["deployments", "default", NAME]
        numbers = {"updatedReplicas": updated, "replicas": replicas, "availableReplicas": available}
        status = {"observedGeneration": deployment["metadata"]["generation"], **numbers}
        self.fake.put("deployments", deployment | {"status": status})


@contextmanager
def running(replicas: int, changing: Callable[[Cluster], None]) -> Iterator[Cluster]:
    """``changing`` is called in a new thread when the Deployment changes."""

    def play(_: FakeApiServer) -> None:
        threading.Thread(target=changing, args=[cluster], daemon=True).start()

    cluster = Cluster(FakeApiServer(play))
    cluster.fake.put("deployments", _deployment(replicas))
    cluster.progress(replicas, replicas, replicas)
    with serving(cluster.fake):
        yield cluster


def _deployment(replicas: int) -> Object:
    return {
        "kind": "Deployment",
        "apiVersion": "apps/v1",
        "metadata": {"name": NAME, "namespace": "default", "generation": 1},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": NAME}},
            "template": {
                "metadata": {"labels": {"app": NAME}},
                "spec": {"containers": [{"name": "cifar10", "image": "cifar-api-cpu:v1"}]},
            },
            "strategy": {"type": "RollingUpdate"},
        },
    }
