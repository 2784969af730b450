"""A rolling update, as the Deployment controller and the kubelet perform it.

It follows the manifest: at most one additional pod, none less. A pod is available when it has been Ready for
``minReadySeconds``. A terminating pod is removed from the endpoints, and gets SIGTERM after the preStop pause, which
starts at the same time.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from tests.container.containers import Container
from tests.container.endpoints import Endpoints, Pod
from tests.e2e.server import eventually
from tests.k8s.manifests import Manifests


class ProgressDeadlineExceeded(Exception):
    """The new pod did not become available in time."""


class Rollout:
    """Replaces the serving pods by those of another revision."""

    def __init__(self, manifests: Manifests, endpoints: Endpoints, serving: list[Pod]) -> None:
        spec = manifests.deployment["spec"]
        assert spec["strategy"]["rollingUpdate"] == {"maxSurge": 1, "maxUnavailable": 0}
        self._available_seconds: int = spec["minReadySeconds"]
        self._pause_seconds: int = manifests.container["lifecycle"]["preStop"]["sleep"]["seconds"]
        self._grace_seconds: int = manifests.pod["terminationGracePeriodSeconds"]
        self.endpoints = endpoints
        self.serving = serving
        self.exit_codes: list[int] = []

    def to(self, new: Callable[[], Container], progress_deadline: float) -> None:
        """Replace every pod; raises :class:`ProgressDeadlineExceeded` and leaves the old pods serving."""
        with ThreadPoolExecutor() as ending:
            for old in list(self.serving):
                pod = self.endpoints.add(new())
                try:
                    eventually(lambda pod=pod: self._available(pod), within=progress_deadline)  # type: ignore[misc]
                except AssertionError as error:
                    raise ProgressDeadlineExceeded from error
                self.serving.append(pod)
                self.serving.remove(old)
                ending.submit(self._terminate, old)

    def _available(self, pod: Pod) -> bool:
        since = pod.ready_since
        return since is not None and time.monotonic() - since >= self._available_seconds

    def _terminate(self, pod: Pod) -> None:
        self.endpoints.terminating(pod)
        time.sleep(self._pause_seconds)
        pod.container.terminate()
        self.exit_codes.append(pod.container.exit_code(within=self._grace_seconds - self._pause_seconds))
