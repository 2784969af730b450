"""The resources dashboard: CPU, memory and network of the replicas, and their nodes."""

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
"""Only nodes that run one of the pods."""


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-resources", "CIFAR-10 / Resources",
        "CPU, memory and network of the replicas against their requests and limits, and their nodes.",
        [_glance(), _cpu(), _memory(), _process(), _nodes(), alerts("Cifar10(OOMKilled|MemoryNearLimit|CPUThrottled)")],
        variables=[*variables.of_cluster(), variables.job()], marks=[DEPLOYMENT, RELEASE, ALERTS],
    )  # fmt: skip


def _glance() -> Row:
    panels = [
        firing(),
        stat_of(
            "Memory / limit",
            "Highest memory use of any replica, as a share of its limit. Exceeding the limit triggers the OOM killer.",
            "percentunit", now(f"max({WORKING_SET} / {MEMORY_LIMIT})", "of the limit"),
            above(LIMITS["Cifar10MemoryNearLimit"], 0.75),
            absent="not on Kubernetes", alerts=["Cifar10MemoryNearLimit"],
        ),
        stat_of(
            "OOM kills",
            "Containers that restarted in the last 15 minutes after an OOM kill.",
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
            "CPU / request",
            "CPU use of all replicas as a share of their requests. The autoscaler's target is 70 %.", "percentunit",
            now(f"sum({CPU}) / sum({CPU_REQUEST})", "of the request"), above(2, 1),
            absent="not on Kubernetes",
        ),
        stat_of(
            "Throttled",
            "Highest share of scheduling periods in which a replica used up its CPU quota.",
            "percentunit",
            now(
                "max(rate(cifar10_cpu_throttled_periods_total{replica}[5m]) / "
                "rate(cifar10_cpu_periods_total{replica}[5m]))",
                "throttled",
            ),
            above(LIMITS["Cifar10CPUThrottled"]), absent="no CPU limit", alerts=["Cifar10CPUThrottled"],
        ),
        stat_of(
            "File descriptors", "Open file descriptors as a share of the limit.", "percentunit",
            now("max(process_open_fds{replica} / process_max_fds{replica})", "open"), above(0.8, 0.5),
            absent="no replica",
        ),
        stat_of(
            "Nodes under pressure", "Nodes with memory, disk or PID pressure, which may evict pods.", "none",
            now(f"count(max by (node) ({PRESSURE} and {OURS}) == 1) or vector(0)", "nodes"),
            above(1), words={0: ("none", GOOD)},
        ),
        stat_of(
            "Threads / CPUs", "Engine threads per available CPU. More than one thread per CPU reduces throughput.",
            "percentunit", now("max(cifar10_engine_threads{replica} / cifar10_available_cpus{replica})", "threads"),
            [(None, GOOD), (1.01, LOOK)], absent="no replica",
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _cpu() -> Row:
    panels = [
        graph(
            "CPU", "CPU use of each replica, and its request.", "short",
            over_time(f"max by (pod) ({CPU})", "{{pod}}"), over_time(f"max({CPU_REQUEST})", "request"),
            absent="not on Kubernetes", colors={"request": LOOK},
        ),
        graph(
            "CPU of the process", "CPU use of the server process, as it reports it.", "short",
            over_time("rate(process_cpu_seconds_total{replica}[$__rate_interval])", EACH),
        ),
        graph(
            "Throttled", "Share of scheduling periods in which the CPU quota was used up.", "percentunit",
            over_time(
                "rate(cifar10_cpu_throttled_periods_total{replica}[$__rate_interval]) "
                "/ rate(cifar10_cpu_periods_total{replica}[$__rate_interval])",
                EACH,
            ),
            limits=above(LIMITS["Cifar10CPUThrottled"]), alerts=["Cifar10CPUThrottled"], absent="no CPU limit",
        ),
        graph(
            "Throttled time", "Time per second for which threads were throttled.", "s",
            over_time("rate(cifar10_cpu_throttled_seconds_total{replica}[$__rate_interval])", EACH),
            absent="no CPU limit", alerts=["Cifar10CPUThrottled"],
        ),
    ]  # fmt: skip
    return Row("CPU", panels)


def _memory() -> Row:
    panels = [
        graph(
            "Memory / limit", "Working set of each replica as a share of its limit.", "percentunit",
            over_time(f"max by (pod) ({WORKING_SET} / {MEMORY_LIMIT})", "{{pod}}"),
            limits=above(LIMITS["Cifar10MemoryNearLimit"]), alerts=["Cifar10MemoryNearLimit", "Cifar10OOMKilled"],
            absent="not on Kubernetes",
        ).max(1),
        graph(
            "Memory", "Working set of each replica, and its limit.", "bytes",
            over_time(f"max by (pod) ({WORKING_SET})", "{{pod}}"), over_time(f"max({MEMORY_LIMIT})", "limit"),
            absent="not on Kubernetes", colors={"limit": BAD},
        ),
        graph(
            "Memory of the process", "Resident memory of the server process.", "bytes",
            over_time("process_resident_memory_bytes{replica}", EACH),
        ),
        graph(
            "Memory of the control group",
            "Memory and limit of the control group, as the server reads them; includes caches.", "bytes",
            over_time("cifar10_memory_usage_bytes{replica}", EACH),
            over_time("min(cifar10_memory_limit_bytes{replica})", "limit"), colors={"limit": BAD},
        ),
    ]  # fmt: skip
    return Row("Memory", panels)


def _process() -> Row:
    panels = [
        graph(
            "Threads and CPUs", "Engine threads, and available CPUs.", "short",
            over_time("max(cifar10_engine_threads{replica})", "threads"),
            over_time("min(cifar10_available_cpus{replica})", "CPUs"),
        ),
        graph(
            "File descriptors", "Open files and connections of each replica.", "short",
            over_time("process_open_fds{replica}", EACH),
        ),
        graph(
            "Garbage collection",
            "Collections of Python's oldest generation per second; each pauses all threads.", "short",
            over_time('rate(python_gc_collections_total{replica,generation="2"}[$__rate_interval])', EACH),
        ),
        graph(
            "Network", "Bytes per second received and sent by all replicas.", "Bps",
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
            "Requested share of the nodes",
            "Share of each node's resources that all pods request. Another replica needs room in the rest.",
            "percentunit",
            over_time(requested("cpu"), "{{node}} CPU"), over_time(requested("memory"), "{{node}} memory"),
            absent="not on Kubernetes",
        ).max(1),
        timeline(
            "Pressure", "Pressure conditions of the pods' nodes.",
            over_time(f"max by (node, condition) ({PRESSURE} and {OURS})", "{{node}} {{condition}}"),
            {0: ("no", GOOD), 1: ("yes", BAD)}, absent="not on Kubernetes",
        ),
    ]  # fmt: skip
    return Row("Nodes", panels)
