"""Containers, as the kubelet reports them."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from k8s.doctor.events import Event
from k8s.doctor.fields import Json, listed, mapping, number, quantity, text, true, when
from k8s.doctor.logs import Logs
from k8s.doctor.terminations import Termination

if TYPE_CHECKING:
    from k8s.doctor.pods import Pod


@dataclass(frozen=True)
class Container:
    """A container of a pod: what was asked for, and what became of it."""

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
        """An init container that goes on running beside the others."""
        return self.init and text(self.spec, "restartPolicy") == "Always"

    @property
    def waiting(self) -> str:
        """The reason why it waits, or an empty string."""
        return text(self.status, "state", "waiting", "reason")

    @property
    def waiting_message(self) -> str:
        return text(self.status, "state", "waiting", "message")

    @property
    def running(self) -> bool:
        return bool(mapping(self.status, "state").get("running") is not None)

    @property
    def since(self) -> datetime | None:
        """Since when it runs."""
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
        """How it ended last."""
        for state in ("state", "lastState"):
            if found := mapping(self.status, state, "terminated"):
                return Termination.of(found, current=state == "state")
        return None

    @property
    def liveness(self) -> bool:
        """Whether it has a probe that may end it."""
        return bool(mapping(self.spec, "livenessProbe") or mapping(self.spec, "startupProbe"))

    @property
    def ports(self) -> list[Json]:
        return listed(self.spec, "ports")

    def limit(self, resource: str) -> float | None:
        """Cores or bytes: what it may use now, else what it was asked to be given."""
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
        """The pod's events about this container; those that name none count when the pod has only one."""
        return [
            each
            for each in self.pod.events(*reasons)
            if each.container == self.name or (not each.container and self.pod.single)
        ]

    def lines(self, *, previous_only: bool = False) -> list[str]:
        """What it wrote: of the run that ended when it was started again since, else of this one."""
        before = self._of(self.pod.cluster.snapshot.previous)
        return before if before or previous_only else self.recent_lines()

    def recent_lines(self) -> list[str]:
        """What it wrote in this run."""
        return self._of(self.pod.cluster.snapshot.logs)

    def _of(self, logs: Logs) -> list[str]:
        if self.pod.cluster.has_namesake(self.pod.obj):
            return []
        alone = self.pod.cluster.only_talker(self.pod.obj) and self.name == self.pod.talker
        return logs.of(self.pod.name, self.name, loose=alone)
