"""Pods, as the kubelet reports them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from k8s.doctor.containers import Container
from k8s.doctor.fields import listed, named, text
from k8s.doctor.objects import Object


@dataclass(frozen=True)
class Pod(Object):
    """A pod; ``old`` when its workload has a newer revision."""

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
        """It ended for good: what counts is what comes after it."""
        return self.phase in ("Succeeded", "Failed")

    @property
    def node(self) -> str:
        return text(self.obj, "spec", "nodeName")

    @cached_property
    def containers(self) -> list[Container]:
        """Init containers first."""
        return [*self._containers("initContainers", True), *self._containers("containers", False)]

    @cached_property
    def talker(self) -> str:
        """The container whose log kubectl prints when it is told none."""
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
