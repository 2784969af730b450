"""Reads the objects, events and logs of a live cluster. Secrets are never read."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime

from k8s.doctor.fields import Json, kind, listed, name, namespace, text
from k8s.doctor.kubectl import Kubectl, KubectlError
from k8s.doctor.logs import Logs
from k8s.doctor.snapshot import Snapshot, masked

LINES = 300
MOST_PODS, MOST_OF_ONE = 24, 3
"""Maximum number of pods whose logs are read: in total, and per owner."""

CORE: Mapping[str, str] = {
    "Deployment": "deployments.apps",
    "ReplicaSet": "replicasets.apps",
    "StatefulSet": "statefulsets.apps",
    "DaemonSet": "daemonsets.apps",
    "Job": "jobs.batch",
    "Pod": "pods",
    "Service": "services",
    "EndpointSlice": "endpointslices.discovery.k8s.io",
    "Ingress": "ingresses.networking.k8s.io",
    "NetworkPolicy": "networkpolicies.networking.k8s.io",
    "HorizontalPodAutoscaler": "horizontalpodautoscalers.autoscaling",
    "PodDisruptionBudget": "poddisruptionbudgets.policy",
    "PersistentVolumeClaim": "persistentvolumeclaims",
    "ResourceQuota": "resourcequotas",
    "ConfigMap": "configmaps",
    "Event": "events",
}
"""Kinds of every cluster, with their kubectl names."""
WIDE: Mapping[str, str] = {
    "Node": "nodes",
    "Namespace": "namespaces",
    "IngressClass": "ingressclasses.networking.k8s.io",
    "StorageClass": "storageclasses.storage.k8s.io",
}
"""Cluster-scoped kinds."""
MONITORING: Mapping[str, str] = {
    "ServiceMonitor": "servicemonitors.monitoring.coreos.com",
    "PodMonitor": "podmonitors.monitoring.coreos.com",
    "Prometheus": "prometheuses.monitoring.coreos.com",
}
"""Kinds of the prometheus-operator, which may be missing, and may be in another namespace."""

_ABSENT = re.compile(r"doesn't have a resource type|could not find the requested resource|no matches for kind")
_FORBIDDEN = re.compile(r'cannot list resource "([^"]+)"')
_UNREACHABLE = re.compile(
    r"connection to the server|was refused|no such host|timeout|timed out|deadline exceeded|unable to connect"
    r"|invalid configuration|context .* does not exist|must be logged in|no configuration|Unauthorized|x509",
    re.IGNORECASE,
)


@dataclass
class Reading:
    """The result of the requests so far."""

    items: list[Json] = field(default_factory=list)
    read: set[str] = field(default_factory=set)
    unread: list[str] = field(default_factory=list)


def read(kubectl: Kubectl, scope: tuple[str, ...]) -> Snapshot:
    """Read the namespaces of ``scope``; kinds that could not be read are listed in the snapshot."""
    with ThreadPoolExecutor(4) as pool:
        core = pool.submit(_kinds, kubectl, CORE, scope)
        others = pool.submit(_kinds, kubectl, WIDE, ()), pool.submit(_optional, kubectl, scope)
        first = core.result()
        if not first.read:
            raise KubectlError("; ".join(dict.fromkeys(first.unread)) or "kubectl says nothing")
        logs, previous = _logs(kubectl, pool, [each for each in first.items if kind(each) == "Pod"])
        readings = [first, *(other.result() for other in others)]
    items = [masked(item) if kind(item) == "ConfigMap" else item for reading in readings for item in reading.items]
    return Snapshot(
        items=[each for each in items if kind(each) != "Event"],
        events=[each for each in items if kind(each) == "Event"],
        logs=logs,
        previous=previous,
        now=datetime.now(UTC),
        read=frozenset(each for reading in readings for each in reading.read),
        unread=[each for reading in readings for each in reading.unread],
    )


def _kinds(kubectl: Kubectl, kinds: Mapping[str, str], scope: tuple[str, ...]) -> Reading:
    """Read all kinds in one request, or separately if kubectl does not know one of them."""
    reading = Reading()
    out, errors = kubectl.run("get", ",".join(kinds.values()), *scope, "-o", "json")
    if not out.strip() and len(kinds) > 1 and not (_UNREACHABLE.search(errors) and not _FORBIDDEN.search(errors)):
        for each, resource in kinds.items():
            one = _kinds(kubectl, {each: resource}, scope)
            reading.items += one.items
            reading.read |= one.read
            reading.unread += one.unread
        return reading
    reading.items = _items(out)
    refused = set(_FORBIDDEN.findall(errors))
    if out.strip():
        reading.read = {each for each, resource in kinds.items() if resource.partition(".")[0] not in refused}
    reading.unread = [line for line in errors.splitlines() if line.strip() and not line.startswith("Warning")]
    return reading


def _optional(kubectl: Kubectl, scope: tuple[str, ...]) -> Reading:
    """Read optional kinds, in all namespaces or else in ``scope``. Missing kinds are not reported."""
    reading = Reading()
    groups, _ = kubectl.run("api-versions")
    wanted = MONITORING if "monitoring.coreos.com/" in groups else {}
    for each, resource in wanted.items():
        one = _kinds(kubectl, {each: resource}, ("--all-namespaces",))
        if not one.read:
            one = _kinds(kubectl, {each: resource}, scope)
        reading.items += one.items
        reading.read |= one.read
        reading.unread += [line for line in one.unread if not _ABSENT.search(line)]
    if "metrics.k8s.io/" in groups:
        reading.items += _kinds(kubectl, {"PodMetrics": "pods.metrics.k8s.io"}, scope).items
    return reading


def _items(out: str) -> list[Json]:
    try:
        return listed(json.loads(out or "{}"), "items")
    except ValueError:
        return []


def _logs(kubectl: Kubectl, pool: ThreadPoolExecutor, pods: Iterable[Json]) -> tuple[Logs, Logs]:
    """The last log lines of unhealthy containers, of the current and the previous run."""
    wanted = [(pod, each) for pod in chosen(pods) for each in _written(pod)]
    current = {_key(pod, each): pool.submit(_log, kubectl, pod, text(each, "name"), ()) for pod, each in wanted}
    before = {
        _key(pod, each): pool.submit(_log, kubectl, pod, text(each, "name"), ("--previous",))
        for pod, each in wanted
        if each.get("restartCount")
    }
    return tuple(  # type: ignore[return-value]
        Logs({key: lines for key, job in jobs.items() if (lines := job.result())}) for jobs in (current, before)
    )


def chosen(pods: Iterable[Json]) -> list[Json]:
    """Unhealthy pods whose logs are read: at most a few per owner, so that every owner is included."""
    taken: Counter[str] = Counter()
    chosen: list[Json] = []
    for pod in filter(_unwell, pods):
        owner = next((text(each, "uid") for each in listed(pod, "metadata", "ownerReferences")), name(pod))
        taken[owner] += 1
        if taken[owner] <= MOST_OF_ONE:
            chosen.append(pod)
    return chosen[:MOST_PODS]


def _key(pod: Json, status: Json) -> tuple[str, str]:
    return name(pod), text(status, "name")


def _log(kubectl: Kubectl, pod: Json, container: str, more: tuple[str, ...]) -> list[str]:
    where = ("--namespace", namespace(pod), "-c", container, f"--tail={LINES}")
    out, _ = kubectl.run("logs", name(pod), *where, *more)
    return out.splitlines()


def _statuses(pod: Json) -> list[Json]:
    return [*listed(pod, "status", "initContainerStatuses"), *listed(pod, "status", "containerStatuses")]


def _unwell(pod: Json) -> bool:
    done = text(pod, "status", "phase") == "Succeeded" or "deletionTimestamp" in pod.get("metadata", {})
    return not done and any(not each.get("ready") or each.get("restartCount") for each in _statuses(pod))


def _written(pod: Json) -> list[Json]:
    """Statuses of the containers that have run, except healthy ones without restarts."""
    ran = [s for s in _statuses(pod) if s.get("restartCount") or {"running", "terminated"} & set(s.get("state") or {})]
    return [s for s in ran if not (s.get("ready") and not s.get("restartCount"))]
