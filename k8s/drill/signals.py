"""Finds the signals that a drill expects."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from k8s.drill.catalogue import Drill, Exit
from k8s.drill.cluster import Cluster, Object
from k8s.drill.status import status
from k8s.drill.workload import DEPLOYMENT

SELECTOR = "app.kubernetes.io/name=cifar10"
OURS = re.compile(rf"{DEPLOYMENT}\b")


@dataclass(frozen=True)
class View:
    """The workload's pods and events at one moment."""

    pods: tuple[Object, ...]
    events: tuple[Object, ...]

    def since(self, before: "View") -> "View":
        """New pods and events. Compares ids, not times, because the cluster's clock may differ."""
        known = {pod["metadata"]["uid"] for pod in before.pods}
        old = {_identity(event) for event in before.events}
        return View(
            tuple(pod for pod in self.pods if pod["metadata"]["uid"] not in known),
            tuple(event for event in self.events if _identity(event) not in old),
        )


def look(cluster: Cluster) -> View:
    """Pods and events, read in one request so that they are consistent."""
    found = cluster.get("pods,events")
    return View(
        tuple(each for each in found if each["kind"] == "Pod" and _labelled(each)),
        tuple(each for each in found if each["kind"] == "Event" and OURS.match(each["involvedObject"].get("name", ""))),
    )


def expected(drill: Drill) -> set[str]:
    """The names of the drill's signals."""
    signals = drill.signals
    there = {"status": drill.status, "waiting": signals.waiting, "last exit": signals.last_exit, "event": signals.event}
    return {name for name, value in there.items() if value}


def seen(drill: Drill, now: View, before: View) -> Iterator[tuple[str, str]]:
    """The name and value of each expected signal that is visible.

    Only new pods and events count, or all pods if the fault creates none.
    """
    new = now.since(before)
    signals = drill.signals
    for pod in new.pods or now.pods:
        if (column := status(pod)) in drill.status:
            yield "status", column
    for container in (each for pod in new.pods for each in pod["status"].get("containerStatuses", [])):
        if (reason := container["state"].get("waiting", {}).get("reason")) in signals.waiting:
            yield "waiting", reason
        ended = container.get("lastState", {}).get("terminated") or container["state"].get("terminated") or {}
        if ended and signals.last_exit == Exit(ended.get("reason", ""), ended["exitCode"]):
            yield "last exit", f"{ended['reason']} {ended['exitCode']}"
    if wanted := signals.event:
        for event in new.events:
            if event["reason"] == wanted.reason and re.search(wanted.message, event["message"]):
                yield "event", f"{event['reason']}: {event['message']}"


def _labelled(pod: Object) -> bool:
    key, _, value = SELECTOR.partition("=")
    return bool(pod["metadata"].get("labels", {}).get(key) == value)


def _identity(event: Object) -> tuple[Any, ...]:
    """Identity and count: a repeated event keeps its uid and increases its count."""
    series = event.get("series") or {}
    return event["metadata"].get("uid"), event.get("count"), series.get("count"), event.get("lastTimestamp")
