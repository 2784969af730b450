"""Recordings that tests can change."""

import copy
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self

from k8s.doctor.logs import Logs
from k8s.doctor.snapshot import Snapshot, load

RECORDINGS = Path(__file__).parents[2] / "recordings" / "kubernetes-1.36"
MAKERS = ("Deployment", "ReplicaSet")


class Draft:
    """A mutable copy of a recording with one pod and one container."""

    def __init__(self, recording: str) -> None:
        before = load(RECORDINGS / recording)
        self.items: list[dict[str, Any]] = copy.deepcopy(list(before.items))  # type: ignore[arg-type]
        self.events: list[dict[str, Any]] = copy.deepcopy(list(before.events))  # type: ignore[arg-type]
        self.logs = before.logs
        self.previous = before.previous
        self.now: datetime = before.now
        self.read = set(before.read)

    def snapshot(self) -> Snapshot:
        return Snapshot(self.items, self.events, self.logs, self.previous, self.now, frozenset(self.read))

    def one(self, kind: str) -> dict[str, Any]:
        return next(each for each in self.items if each["kind"] == kind)

    @property
    def pod(self) -> dict[str, Any]:
        return self.one("Pod")

    @property
    def namespace(self) -> str:
        return str(self.one("Deployment")["metadata"]["namespace"])

    @property
    def status(self) -> dict[str, Any]:
        """Of the pod's container."""
        return self.pod["status"]["containerStatuses"][0]  # type: ignore[no-any-return]

    def time(self, ago: float) -> str:
        return (self.now - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def specs(self) -> list[dict[str, Any]]:
        """The pod's, and those of the templates that it is made from."""
        return [self.pod["spec"], *(self.one(kind)["spec"]["template"]["spec"] for kind in MAKERS)]

    def each_container(self, **changes: Any) -> Self:
        """Change the container in the pod, and in its templates."""
        for spec in self.specs:
            spec["containers"][0].update(copy.deepcopy(changes))
        return self

    def each_pod_spec(self, **changes: Any) -> Self:
        for spec in self.specs:
            spec.update(copy.deepcopy(changes))
        return self

    def condition(self, kind: str, *types: str, **changes: Any) -> Self:
        """Change the status conditions of these types that the first object of the kind has."""
        for each in self.one(kind)["status"]["conditions"]:
            if each["type"] in types:
                each.update(changes)
        return self

    def waiting(self, reason: str, message: str = "") -> Self:
        self.status["state"] = {"waiting": {"reason": reason, **({"message": message} if message else {})}}
        return self.unready()

    def ended(
        self, code: int, reason: str, *, ago: float = 10, ran: float = 3, message: str = "", restarts: int = 5
    ) -> Self:
        """It ended, and waits to be started again."""
        end = {"exitCode": code, "reason": reason, "startedAt": self.time(ago + ran), "finishedAt": self.time(ago)}
        self.status["lastState"] = {"terminated": {**end, **({"message": message} if message else {})}}
        self.status["restartCount"] = restarts
        return self.waiting("CrashLoopBackOff", "back-off 40s restarting failed container=cifar10 pod=cifar10")

    def running(self, *, seconds: float, ready: bool, started: bool = True) -> Self:
        self.status.update(
            {"state": {"running": {"startedAt": self.time(seconds)}}, "started": started, "ready": ready}
        )
        return self if ready else self.unready()

    def unready(self) -> Self:
        self.status["ready"] = False
        self.condition("Pod", "Ready", "ContainersReady", status="False", reason="ContainersNotReady")
        return self.condition("Deployment", "Available", status="False", reason="MinimumReplicasUnavailable")

    def rolling_out(self, message: str) -> Self:
        progress = {"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated", "message": message}
        self.one("Deployment")["status"]["conditions"] = [progress]
        return self

    def unschedulable(self, message: str) -> Self:
        return self.condition("Pod", "PodScheduled", message=message)

    def refused(self, message: str) -> Self:
        """The pods are not created, for another reason than the recorded one."""
        for kind in MAKERS:
            self.condition(kind, "ReplicaFailure", message=message)
        return self

    def event(
        self,
        reason: str,
        message: str,
        *,
        of: dict[str, Any] | None = None,
        type: str = "Warning",
        count: int = 8,
        ago: float = 10,
        container: str = "cifar10",
    ) -> Self:
        about = of or self.pod
        field = {"fieldPath": f"spec.containers{{{container}}}"} if about["kind"] == "Pod" and container else {}
        meta = {key: about["metadata"].get(key, "") for key in ("name", "namespace", "uid")}
        self.events.append(
            {
                "kind": "Event",
                "metadata": {"name": f"event-{len(self.events)}", "namespace": self.namespace},
                "involvedObject": {"kind": about["kind"], **meta, **field},
                "reason": reason,
                "message": message,
                "type": type,
                "count": count,
                "firstTimestamp": self.time(ago + 100),
                "lastTimestamp": self.time(ago),
            }
        )
        return self

    def without_events(self, *reasons: str) -> Self:
        """As when they have expired; all of them when none is named."""
        self.events = [each for each in self.events if reasons and each["reason"] not in reasons]
        return self

    def log(self, *lines: str) -> Self:
        self.logs = Logs(loose=lines)
        return self

    def log_before(self, *lines: str) -> Self:
        self.previous = Logs(loose=lines)
        return self

    def log_each_time(self, *lines: str) -> Self:
        """The same in this run and in the one before."""
        return self.log(*lines).log_before(*lines)

    def add(self, kind: str, name: str, spec: dict[str, Any], **more: Any) -> Self:
        """One more object, of a kind that was read completely."""
        meta = {"name": name, "namespace": self.namespace, **more.pop("metadata", {})}
        self.items.append({"kind": kind, "metadata": meta, "spec": spec, **more})
        self.read.add(kind)
        return self

    def renamed(self, **words: str) -> Self:
        """Other names everywhere."""
        for attribute in ("items", "events"):
            text = json.dumps(getattr(self, attribute))
            for old, new in words.items():
                text = text.replace(old, new)
            setattr(self, attribute, json.loads(text))
        return self

    def no_pods(self) -> Self:
        self.items = [each for each in self.items if each["kind"] != "Pod"]
        self.read.add("Pod")
        return self


Drafts = dict[str, tuple[str, Callable[[], Draft]]]
"""Cause and builder by name."""
