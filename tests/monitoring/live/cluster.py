"""Simulated metrics of kube-state-metrics, of cAdvisor and of three replicas.

Names and labels are those of kube-state-metrics 2.x and of the kubelet's cAdvisor endpoint, as far as rules and
dashboards use them; only a cluster can show that real ones are the same. The replicas have problems that real servers
cannot have here: a CPU quota, scrapes that fail half of the time, and too many series.
"""

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

Sample = tuple[str, dict[str, str], float]

ILL, EMPTY = "ill", "empty"
"""Namespaces: in the first, all kinds of problems occur; in the second, no pod is ready."""

DEPLOYMENT, HPA, PDB, NODE = "cifar10-deployment", "cifar10-hpa", "cifar10-pdb", "node-1"
IMAGE = "cifar-api-cpu:v1"
MEMORY_LIMIT, MEMORY_REQUEST = 1280.0 * 2**20, 384.0 * 2**20

WAITING = {
    "image": ("ErrImagePull", "ImagePullBackOff"),
    "config": ("CreateContainerConfigError",),
    "crash": ("CrashLoopBackOff",),
}
"""By pod, its alternating waiting reasons."""
EXITS = {"crash": ("Error", 3), "oom": ("OOMKilled", 137), "restarts": ("Error", 1)}
"""By pod, the last exit of its restarting container."""
PODS = (*WAITING, "oom", "restarts", "unready", "unschedulable", "memory")
"""The pods of :data:`ILL`, named after their problem."""


def pod_of(trouble: str) -> str:
    return f"{DEPLOYMENT}-7d9c6bf5c4-{trouble}"


@dataclass
class Cluster:
    """``healthy`` has namespaces without problems, and the pod of each."""

    healthy: dict[str, str]
    ill_since: float | None = None
    started: float = field(default_factory=time.time)

    @property
    def ill(self) -> bool:
        return self.ill_since is not None

    @property
    def ill_for(self) -> float:
        return 0.0 if self.ill_since is None else time.time() - self.ill_since

    @property
    def age(self) -> float:
        return time.time() - self.started

    def state(self) -> Iterator[Sample]:
        """The metrics of kube-state-metrics."""
        for namespace, pod in self.healthy.items():
            yield from _workload(namespace, replicas=2, ready=2)
            yield from self._pod(namespace, pod, trouble="")
        yield from _workload(EMPTY, replicas=2, ready=0 if self.ill else 2)
        yield from _workload(ILL, replicas=8, ready=1 if self.ill else 8, stuck=self.ill)
        for trouble in PODS:
            yield from self._pod(ILL, pod_of(trouble), trouble if self.ill else "")
        for condition in ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure"):
            for status in ("true", "false", "unknown"):
                holds = status == ("true" if condition == "Ready" else "false")
                yield "kube_node_status_condition", {"node": NODE, "condition": condition, "status": status}, holds
        for resource, unit, amount in (("cpu", "core", 4.0), ("memory", "byte", 16.0 * 2**30)):
            yield "kube_node_status_allocatable", {"node": NODE, "resource": resource, "unit": unit}, amount

    def usage(self) -> Iterator[Sample]:
        """The metrics of cAdvisor."""
        for namespace, pod in (*self.healthy.items(), *((ILL, pod_of(trouble)) for trouble in PODS)):
            of_pod = {"namespace": namespace, "pod": pod, "node": NODE}
            of_container = {**of_pod, "container": "cifar10", "image": IMAGE}
            full = 0.96 if self.ill and pod == pod_of("memory") else 0.3
            yield "container_cpu_usage_seconds_total", of_container, 0.2 * self.age
            yield "container_memory_working_set_bytes", of_container, full * MEMORY_LIMIT
            yield "container_network_receive_bytes_total", {**of_pod, "interface": "eth0"}, 3000 * self.age
            yield "container_network_transmit_bytes_total", {**of_pod, "interface": "eth0"}, 1000 * self.age

    def throttled_replica(self) -> Iterator[Sample]:
        """A replica with a CPU quota, which it uses up in half of the periods while the cluster is ill."""
        yield "cifar10_cpu_periods_total", {}, 10 * self.age
        yield "cifar10_cpu_throttled_periods_total", {}, self.age + 4 * self.ill_for
        yield "cifar10_cpu_throttled_seconds_total", {}, 0.01 * self.age + 0.39 * self.ill_for
        yield "cifar10_memory_usage_bytes", {}, 0.3 * MEMORY_LIMIT
        yield "cifar10_memory_limit_bytes", {}, MEMORY_LIMIT

    def verbose_replica(self) -> Iterator[Sample]:
        """A replica with a label of unbounded values."""
        for number in range(1600 if self.ill else 400):
            yield "cifar10_by_user", {"number": str(number)}, 1

    def flapping_replica(self) -> Iterator[Sample]:
        """A replica that has run for hours, and answers half of the scrapes while the cluster is ill."""
        if self.ill and int(time.time()) % 6 < 3:
            raise TimeoutError
        yield "process_start_time_seconds", {}, self.started - 36_000

    def _restarts(self, trouble: str) -> float:
        """One restart every two seconds, five in total."""
        ends = trouble in EXITS and self.ill_since is not None
        return min(5, (time.time() - (self.ill_since or 0)) // 2) if ends else 0

    def _pod(self, namespace: str, pod: str, trouble: str) -> Iterator[Sample]:
        of_pod = {"namespace": namespace, "pod": pod, "uid": f"uid-{pod}"}
        of_container = {**of_pod, "container": "cifar10"}
        waiting, lost = trouble in WAITING, trouble == "unschedulable"
        owner = {"created_by_kind": "ReplicaSet", "created_by_name": pod.rpartition("-")[0]}
        yield "kube_pod_info", {**of_pod, **owner, "node": "" if lost else NODE}, 1
        for phase in ("Pending", "Running", "Succeeded", "Failed", "Unknown"):
            now = "Pending" if lost or trouble in ("image", "config") else "Running"
            yield "kube_pod_status_phase", {**of_pod, "phase": phase}, phase == now
        ready = "false" if waiting or lost or trouble == "unready" else "true"
        for condition in ("true", "false", "unknown"):
            yield "kube_pod_status_ready", {**of_pod, "condition": condition}, condition == ready
        for kind, cpu, memory in (("requests", 0.25, MEMORY_REQUEST), ("limits", 2.0, MEMORY_LIMIT)):
            for resource, unit, amount in (("cpu", "core", cpu), ("memory", "byte", memory)):
                labels = {**of_container, "node": NODE, "resource": resource, "unit": unit}
                yield f"kube_pod_container_resource_{kind}", labels, amount
        if lost:
            yield "kube_pod_status_unschedulable", of_pod, 1
            return
        yield "kube_pod_container_info", {**of_container, "image": IMAGE, "image_spec": IMAGE}, 1
        yield "kube_pod_container_status_restarts_total", of_container, self._restarts(trouble)
        if waiting:
            reasons = WAITING[trouble]
            reason = reasons[int(time.time() / 2) % len(reasons)]
            yield "kube_pod_container_status_waiting_reason", {**of_container, "reason": reason}, 1
        if trouble in EXITS:
            reason, code = EXITS[trouble]
            yield "kube_pod_container_status_last_terminated_reason", {**of_container, "reason": reason}, 1
            yield "kube_pod_container_status_last_terminated_exitcode", of_container, code


def _workload(namespace: str, *, replicas: int, ready: int, stuck: bool = False) -> Iterator[Sample]:
    """The Deployment, its autoscaler and its disruption budget; all at their limits while ``stuck``."""
    for name, value in (
        ("created", 1.7e9),
        ("metadata_generation", 3 + stuck),
        ("spec_replicas", replicas),
        ("status_replicas_ready", ready),
        ("status_replicas_updated", ready if stuck else replicas),
        ("status_replicas_unavailable", replicas - ready),
    ):
        yield f"kube_deployment_{name}", {"namespace": namespace, "deployment": DEPLOYMENT}, value
    for condition, status in itertools.product(("Available", "Progressing"), ("true", "false", "unknown")):
        labels = {"namespace": namespace, "deployment": DEPLOYMENT, "condition": condition, "status": status}
        well = ready > 0 if condition == "Available" else not stuck
        yield "kube_deployment_status_condition", labels, status == str(well).lower()
    current = 6 if stuck else 2
    for name, value in (
        ("spec_min_replicas", 2),
        ("spec_max_replicas", 6),
        ("status_current_replicas", current),
        ("status_desired_replicas", current),
    ):
        labels = {"namespace": namespace, "horizontalpodautoscaler": HPA}
        yield f"kube_horizontalpodautoscaler_{name}", labels, value
    conditions = ("AbleToScale", "ScalingActive", "ScalingLimited")
    for condition, status in itertools.product(conditions, ("true", "false", "unknown")):
        labels = {"namespace": namespace, "horizontalpodautoscaler": HPA, "condition": condition, "status": status}
        holds = stuck if condition == "ScalingLimited" else True
        yield "kube_horizontalpodautoscaler_status_condition", labels, status == str(holds).lower()
    for name, value in (
        ("expected_pods", replicas),
        ("desired_healthy", replicas - 1),
        ("current_healthy", ready),
        ("pod_disruptions_allowed", max(0, ready - replicas + 1)),
    ):
        labels = {"namespace": namespace, "poddisruptionbudget": PDB}
        yield f"kube_poddisruptionbudget_status_{name}", labels, value
