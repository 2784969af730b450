"""What do the replicas use, of what they may? CPU, memory, network and their nodes."""

from grafana_foundation_sdk.models import dashboard

from dashboards import variables
from dashboards.alerts import alerts, firing
from dashboards.annotations import ALERTS, DEPLOYMENT, RELEASE
from dashboards.board import Row, board
from dashboards.colors import BAD, GOOD, LOOK, above
from dashboards.limits import LIMITS
from dashboards.panels.graphs import graph, timeline
from dashboards.panels.values import stat_of
from dashboards.promql import EACH, now, over_time

WORKING_SET = "max by (namespace, pod) (container_memory_working_set_bytes{container})"
MEMORY_LIMIT = 'max by (namespace, pod) (kube_pod_container_resource_limits{container,resource="memory"})'
CPU = "max by (namespace, pod) (rate(container_cpu_usage_seconds_total{container}[$__rate_interval]))"
CPU_REQUEST = 'max by (namespace, pod) (kube_pod_container_resource_requests{container,resource="cpu"})'
PRESSURE = 'kube_node_status_condition{condition=~"MemoryPressure|DiskPressure|PIDPressure",status="true"}'
OURS = "on (node) group by (node) (kube_pod_info{pod})"
"""Only the nodes that have one of our pods."""


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-resources", "CIFAR-10 / Resources",
        "CPU, memory and network of the replicas, against what they asked for and what they may use; their nodes.",
        [_glance(), _cpu(), _memory(), _process(), _nodes(), alerts("Cifar10(OOMKilled|MemoryNearLimit|CPUThrottled)")],
        variables=[*variables.of_cluster(), variables.job()], marks=[DEPLOYMENT, RELEASE, ALERTS],
    )  # fmt: skip


def _glance() -> Row:
    panels = [
        firing(),
        stat_of(
            "Memory of the limit",
            "Of the replica that is nearest to its limit, where the kernel kills it.", "percentunit",
            now(f"max({WORKING_SET} / {MEMORY_LIMIT})", "of the limit"), above(LIMITS["Cifar10MemoryNearLimit"], 0.75),
            absent="not on Kubernetes", alerts=["Cifar10MemoryNearLimit"],
        ),
        stat_of(
            "Killed for memory",
            "Containers that restarted in the last 15 minutes and were killed for memory the last time.",
            "none",
            now(
                "count(max by (namespace, pod) (increase(kube_pod_container_status_restarts_total{container}[15m])) > "
                "0 and "
                'max by (namespace, pod) '
                '(kube_pod_container_status_last_terminated_reason{container,reason="OOMKilled"}) == 1) '
                "or vector(0)",
                "containers",
            ),
            above(1), words={0: ("none", GOOD)}, alerts=["Cifar10OOMKilled"],
        ),
        stat_of(
            "CPU of the request",
            "Of all replicas together. Above 100 % they live on what others leave; the autoscaler "
            "aims at 70 %.", "percentunit", now(f"sum({CPU}) / sum({CPU_REQUEST})", "of the request"), above(2, 1),
            absent="not on Kubernetes",
        ),
        stat_of(
            "Throttled",
            "Share of the scheduling periods in which a replica's CPU quota ran out; none without a CPU limit.",
            "percentunit",
            now(
                "max(rate(cifar10_cpu_throttled_periods_total{replica}[5m]) / "
                "rate(cifar10_cpu_periods_total{replica}[5m]))",
                "throttled",
            ),
            above(LIMITS["Cifar10CPUThrottled"]), absent="no CPU limit", alerts=["Cifar10CPUThrottled"],
        ),
        stat_of(
            "File descriptors", "Open ones, of those that a process may open.", "percentunit",
            now("max(process_open_fds{replica} / process_max_fds{replica})", "open"), above(0.8, 0.5),
            absent="no replica",
        ),
        stat_of(
            "Nodes under pressure", "Nodes of ours that lack memory, disk or process ids, and may evict pods.", "none",
            now(f"count(max by (node) ({PRESSURE} and {OURS}) == 1) or vector(0)", "nodes"),
            above(1), words={0: ("none", GOOD)},
        ),
        stat_of(
            "Threads of CPUs", "Engine threads over the CPUs that they may use: more than one thread a CPU costs time.",
            "percentunit", now("max(cifar10_engine_threads{replica} / cifar10_available_cpus{replica})", "threads"),
            [(None, GOOD), (1.01, LOOK)], absent="no replica",
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _cpu() -> Row:
    panels = [
        graph(
            "CPU", "CPUs in use by each replica, against what it asked for.", "short",
            over_time(f"max by (pod) ({CPU})", "{{pod}}"), over_time(f"max({CPU_REQUEST})", "request"),
            absent="not on Kubernetes", colors={"request": LOOK},
        ),
        graph(
            "CPU of the process", "CPUs in use by the server's own process, as it says itself.", "short",
            over_time("rate(process_cpu_seconds_total{replica}[$__rate_interval])", EACH),
        ),
        graph(
            "Throttled", "Share of the scheduling periods in which the CPU quota ran out.", "percentunit",
            over_time(
                "rate(cifar10_cpu_throttled_periods_total{replica}[$__rate_interval]) "
                "/ rate(cifar10_cpu_periods_total{replica}[$__rate_interval])",
                EACH,
            ),
            limits=above(LIMITS["Cifar10CPUThrottled"]), alerts=["Cifar10CPUThrottled"], absent="no CPU limit",
        ),
        graph(
            "Held back", "Seconds a second for which threads were held back by the quota.", "s",
            over_time("rate(cifar10_cpu_throttled_seconds_total{replica}[$__rate_interval])", EACH),
            absent="no CPU limit", alerts=["Cifar10CPUThrottled"],
        ),
    ]  # fmt: skip
    return Row("CPU", panels)


def _memory() -> Row:
    panels = [
        graph(
            "Memory of the limit", "Working set of each replica: what can't be given back.", "percentunit",
            over_time(f"max by (pod) ({WORKING_SET} / {MEMORY_LIMIT})", "{{pod}}"),
            limits=above(LIMITS["Cifar10MemoryNearLimit"]), alerts=["Cifar10MemoryNearLimit", "Cifar10OOMKilled"],
            absent="not on Kubernetes",
        ).max(1),
        graph(
            "Memory", "Working set of each replica, and where the kernel kills it.", "bytes",
            over_time(f"max by (pod) ({WORKING_SET})", "{{pod}}"), over_time(f"max({MEMORY_LIMIT})", "limit"),
            absent="not on Kubernetes", colors={"limit": BAD},
        ),
        graph(
            "Memory of the process", "Resident memory of the server's own process.", "bytes",
            over_time("process_resident_memory_bytes{replica}", EACH),
        ),
        graph(
            "Memory of the control group",
            "As the server reads it from the kernel, caches included; and the limit.", "bytes",
            over_time("cifar10_memory_usage_bytes{replica}", EACH),
            over_time("min(cifar10_memory_limit_bytes{replica})", "limit"), colors={"limit": BAD},
        ),
    ]  # fmt: skip
    return Row("Memory", panels)


def _process() -> Row:
    panels = [
        graph(
            "Threads and CPUs", "Threads that one batch keeps busy, and the CPUs that they may use.", "short",
            over_time("max(cifar10_engine_threads{replica})", "threads"),
            over_time("min(cifar10_available_cpus{replica})", "CPUs"),
        ),
        graph(
            "File descriptors", "Open files and connections of each replica.", "short",
            over_time("process_open_fds{replica}", EACH),
        ),
        graph(
            "Garbage collection", "Collections of Python's oldest generation a second: each stops everything.", "short",
            over_time('rate(python_gc_collections_total{replica,generation="2"}[$__rate_interval])', EACH),
        ),
        graph(
            "Network", "Bytes a second, received and sent by all replicas.", "Bps",
            over_time("sum(rate(container_network_receive_bytes_total{pod}[$__rate_interval]))", "received"),
            over_time("sum(rate(container_network_transmit_bytes_total{pod}[$__rate_interval]))", "sent"),
            absent="not on Kubernetes",
        ),
    ]  # fmt: skip
    return Row("Process and network", panels)


def _nodes() -> Row:
    def requested(resource: str) -> str:
        return (
            f"sum by (node) (max by (node, namespace, pod, container) "
            f'(kube_pod_container_resource_requests{{resource="{resource}"}}))'
            f' / max by (node) (kube_node_status_allocatable{{resource="{resource}"}}) and {OURS}'
        )

    panels = [
        graph(
            "Requested of the nodes",
            "Share of each node that pods of any kind have asked for: what is left decides whether "
            "another replica fits.", "percentunit",
            over_time(requested("cpu"), "{{node}} CPU"), over_time(requested("memory"), "{{node}} memory"),
            absent="not on Kubernetes",
        ).max(1),
        timeline(
            "Pressure", "What the nodes of our pods lack.",
            over_time(f"max by (node, condition) ({PRESSURE} and {OURS})", "{{node}} {{condition}}"),
            {0: ("no", GOOD), 1: ("yes", BAD)}, absent="not on Kubernetes",
        ),
    ]  # fmt: skip
    return Row("Nodes", panels)
