"""Readiness probes, and nginx's endpoints: pods that are Ready and not terminating."""

import threading
import time
from collections.abc import Callable
from typing import Self

from tests.container.containers import Container
from tests.container.nginx import Nginx
from tests.container.probe import Probe, Readiness

PROPAGATION_SECONDS = 1.0
"""Delay until a change reaches all proxies of a cluster; until then a terminating pod still gets requests."""


class Pod:
    """A container with its readiness probe."""

    def __init__(self, container: Container, probe: Probe) -> None:
        self.container = container
        self.readiness = Readiness(probe)
        self.ready_since: float | None = None
        self.terminating = False
        self.answers: list[bool] = []
        """The probe's results."""


class Endpoints:
    """Probes every added pod, and updates nginx when the set of ready pods changes."""

    def __init__(self, nginx: Nginx, probe: Probe) -> None:
        self.nginx = nginx
        self.routed: list[set[int]] = []
        """The sets of ports that nginx was configured with, in order."""
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
        """Start probing it."""
        pod = Pod(container, self._probe)
        self._pods.append(pod)
        self._run(lambda: self._watch(pod))
        return pod

    def terminating(self, pod: Pod) -> None:
        """Remove it from the endpoints, whatever its probe returns."""
        pod.terminating = True
        self._changed.set()

    def answers(self, container: Container) -> set[bool]:
        """The probe's results so far."""
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
