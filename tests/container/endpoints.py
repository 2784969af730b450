"""The kubelets' probes, and the endpoints that nginx follows: pods that are Ready and not terminating."""

import threading
import time
from collections.abc import Callable
from typing import Self

from tests.container.containers import Container
from tests.container.nginx import Nginx
from tests.container.probe import Probe, Readiness

PROPAGATION_SECONDS = 1.0
"""What a change takes to reach every proxy of a cluster; meanwhile a pod that is told to end still gets requests."""


class Pod:
    """A container under its probe."""

    def __init__(self, container: Container, probe: Probe) -> None:
        self.container = container
        self.readiness = Readiness(probe)
        self.ready_since: float | None = None
        self.terminating = False
        self.answers: list[bool] = []
        """Of its probe."""


class Endpoints:
    """Probes every pod it is told of, and tells nginx when another set of them may get traffic."""

    def __init__(self, nginx: Nginx, probe: Probe) -> None:
        self.nginx = nginx
        self.routed: list[set[int]] = []
        """Every set of ports that nginx was given, in order."""
        self._probe = probe
        self._pods: list[Pod] = []
        self._over = threading.Event()
        self._changed = threading.Event()
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Self:
        self._run(self._follow)
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        self._changed.set()
        for thread in self._threads:
            thread.join()

    def add(self, container: Container) -> Pod:
        """Probe it from now on."""
        pod = Pod(container, self._probe)
        self._pods.append(pod)
        self._run(lambda: self._watch(pod))
        return pod

    def terminating(self, pod: Pod) -> None:
        """It is to end: no endpoint any more, whatever its probe says."""
        pod.terminating = True
        self._changed.set()

    def answers(self, container: Container) -> set[bool]:
        """What its probe has come to so far."""
        return {answer for pod in self._pods if pod.container is container for answer in pod.answers}

    def _run(self, target: Callable[[], None]) -> None:
        thread = threading.Thread(target=target)
        self._threads.append(thread)
        thread.start()

    def _watch(self, pod: Pod) -> None:
        while not pod.terminating:
            passed = self._probe.passes(pod.container)
            pod.answers.append(passed)
            if pod.readiness.answered(passed):
                pod.ready_since = time.monotonic() if pod.readiness.ready else None
                self._changed.set()
            if self._over.wait(self._probe.period_seconds):
                break

    def _follow(self) -> None:
        current: set[int] = set()
        while True:
            self._changed.wait()
            self._changed.clear()
            if self._over.wait(PROPAGATION_SECONDS):
                break
            ports = {pod.container.port for pod in self._pods if pod.readiness.ready and not pod.terminating}
            if ports != current:
                self.nginx.route(sorted(ports))
                self.routed.append(ports)
                current = ports
