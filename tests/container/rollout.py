"""What the Deployment's controller, the endpoints and the kubelet do in a rolling update. A stand-in for a cluster.

It follows the manifest: one pod more than there should be, none less, a pod counts when it has been ready for
``minReadySeconds``, and it gets SIGTERM when it has not been routed to for the preStop pause.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.container.containers import Container
from tests.container.nginx import Nginx
from tests.e2e.server import eventually
from tests.k8s.manifests import K8S, read

Pod = Callable[[], Container]


class ProgressDeadlineExceeded(Exception):
    """The new pod did not become available."""


class Rollout:
    """Takes the pods that serve from one revision to another."""

    def __init__(self, nginx: Nginx, serving: list[Container]) -> None:
        deployment = read(K8S / "base" / "cifar10-deployment.yaml")
        strategy = deployment.deployment["spec"]["strategy"]["rollingUpdate"]
        assert strategy == {"maxSurge": 1, "maxUnavailable": 0}
        self._available_seconds: int = deployment.deployment["spec"]["minReadySeconds"]
        self._pause_seconds: int = deployment.container["lifecycle"]["preStop"]["sleep"]["seconds"]
        self._grace_seconds: int = deployment.pod["terminationGracePeriodSeconds"]
        self.nginx = nginx
        self.serving = serving
        self.exit_codes: list[int] = []

    def to(self, new: Pod, progress_deadline: float) -> None:
        """Replace every pod by a new one; raises :class:`ProgressDeadlineExceeded` and leaves the old ones serving."""
        with ThreadPoolExecutor() as ending:
            for old in list(self.serving):
                pod = new()
                self._await_availability(pod, progress_deadline)
                self.serving.append(pod)
                self.nginx.route([each.port for each in self.serving])
                self.serving.remove(old)
                ending.submit(self._terminate, old)
                self.nginx.route([each.port for each in self.serving])

    def _await_availability(self, pod: Container, progress_deadline: float) -> None:
        try:
            eventually(pod.ready, within=progress_deadline)
        except AssertionError as error:
            raise ProgressDeadlineExceeded from error
        end = time.monotonic() + self._available_seconds
        while time.monotonic() < end:
            if not pod.ready():
                raise ProgressDeadlineExceeded
            time.sleep(0.2)

    def _terminate(self, pod: Container) -> None:
        time.sleep(self._pause_seconds)
        pod.terminate()
        self.exit_codes.append(pod.exit_code(within=self._grace_seconds - self._pause_seconds))
