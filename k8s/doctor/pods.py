"""Pods and their containers, as the kubelet reports them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from k8s.doctor.cluster import Object
from k8s.doctor.events import Event
from k8s.doctor.fields import Json, listed, mapping, named, number, quantity, text, true, when
from k8s.doctor.logs import Logs
from k8s.doctor.terminations import Termination


@dataclass(frozen=True)
class Container:
    """A container of a pod: its spec and its status."""

    pod: "Pod"
    spec: Json
    status: Json
    init: bool

    @property
    def name(self) -> str:
        return text(self.spec, "name") or text(self.status, "name")

    @property
    def image(self) -> str:
        return text(self.spec, "image") or text(self.status, "image")

    @property
    def sidecar(self) -> bool:
        """Whether it is an init container that keeps running."""
        return self.init and text(self.spec, "restartPolicy") == "Always"

    @property
    def waiting(self) -> str:
        """The waiting reason, or an empty string."""
        return text(self.status, "state", "waiting", "reason")

    @property
    def waiting_message(self) -> str:
        return text(self.status, "state", "waiting", "message")

    @property
    def running(self) -> bool:
        return bool(mapping(self.status, "state").get("running") is not None)

    @property
    def since(self) -> datetime | None:
        """When the current run started."""
        return when(self.status, "state", "running", "startedAt")

    @property
    def ready(self) -> bool:
        return true(self.status, "ready")

    @property
    def started(self) -> bool:
        """Whether its startup probe has passed."""
        return true(self.status, "started")

    @property
    def restarts(self) -> int:
        return number(self.status, "restartCount")

    @property
    def end(self) -> Termination | None:
        """The last termination."""
        for state in ("state", "lastState"):
            if found := mapping(self.status, state, "terminated"):
                return Termination.of(found, current=state == "state")
        return None

    @property
    def liveness(self) -> bool:
        """Whether it has a probe that can end it."""
        return bool(mapping(self.spec, "livenessProbe") or mapping(self.spec, "startupProbe"))

    @property
    def ports(self) -> list[Json]:
        return listed(self.spec, "ports")

    def limit(self, resource: str) -> float | None:
        """The limit in CPUs or bytes: the current one, else that of the spec."""
        for place in (mapping(self.status, "resources"), mapping(self.spec, "resources")):
            if (found := quantity(mapping(place, "limits").get(resource))) is not None:
                return found
        return None

    @property
    def status_path(self) -> str:
        return f"status.{'initContainerStatuses' if self.init else 'containerStatuses'}[{self.name}]"

    @property
    def spec_path(self) -> str:
        return f"spec.{'initContainers' if self.init else 'containers'}[{self.name}]"

    @property
    def described(self) -> str:
        kind = "sidecar" if self.sidecar else "init container" if self.init else "container"
        return f"{kind} {self.name}"

    def events(self, *reasons: str) -> list[Event]:
        """The pod's events about this container, including those without a container if the pod has only one."""
        return [
            each
            for each in self.pod.events(*reasons)
            if each.container == self.name or (not each.container and self.pod.single)
        ]

    def lines(self, *, previous_only: bool = False) -> list[str]:
        """Log of the previous run if there is one, else of the current run."""
        before = self._of(self.pod.cluster.snapshot.previous)
        return before if before or previous_only else self.recent_lines()

    def recent_lines(self) -> list[str]:
        """Log of the current run."""
        return self._of(self.pod.cluster.snapshot.logs)

    def _of(self, logs: Logs) -> list[str]:
        if self.pod.cluster.has_namesake(self.pod.obj):
            return []
        alone = self.pod.cluster.only_talker(self.pod.obj) and self.name == self.pod.talker
        return logs.of(self.pod.name, self.name, loose=alone)


@dataclass(frozen=True)
class Pod(Object):
    """A pod; ``old`` if its workload has a newer revision."""

    old: bool = False

    @property
    def phase(self) -> str:
        return text(self.obj, "status", "phase")

    @property
    def reason(self) -> str:
        return text(self.obj, "status", "reason")

    @property
    def ready(self) -> bool:
        return text(self.condition("Ready"), "status") == "True"

    @property
    def terminating(self) -> bool:
        return bool(text(self.obj, "metadata", "deletionTimestamp"))

    @property
    def over(self) -> bool:
        """Whether all its containers have terminated for good."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def node(self) -> str:
        return text(self.obj, "spec", "nodeName")

    @cached_property
    def containers(self) -> list[Container]:
        """Its containers, init containers first."""
        return [*self._containers("initContainers", True), *self._containers("containers", False)]

    @cached_property
    def talker(self) -> str:
        """The container whose log kubectl prints by default."""
        ran = [each.name for each in self.containers if each.running or each.end or each.restarts]
        if len(ran) == 1:
            return ran[0]
        first = next((each.name for each in self.containers if not each.init), "")
        return text(self.obj, "metadata", "annotations", "kubectl.kubernetes.io/default-container") or first

    @property
    def single(self) -> bool:
        return len(self.containers) == 1

    def _containers(self, where: str, init: bool) -> Iterator[Container]:
        statuses = listed(self.obj, "status", "initContainerStatuses" if init else "containerStatuses")
        specs = listed(self.obj, "spec", where)
        for spec in specs:
            yield Container(self, spec, named(statuses, "name", text(spec, "name")), init)
        known = {text(spec, "name") for spec in specs}
        yield from (Container(self, {}, each, init) for each in statuses if text(each, "name") not in known)
