"""The metrics that a PromQL expression selects, those that the service exports, and those of other exporters."""

import re
from collections.abc import Iterator

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric

from service.app import create_app
from service.settings import Settings
from service.telemetry.metrics.lifecycle import MODEL_INFO_LABELS
from service.telemetry.metrics.process import ProcessMetrics

STRING = r'"(?:[^"\\]|\\.)*"'
MATCHER = rf"(\w+)\s*(=~|!~|!=|=)\s*({STRING})"
GROUPING = r"\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)"
WORDS = {"and", "or", "unless", "bool", "offset"}

Matchers = list[tuple[str, str, str]]
Exported = dict[str, list[dict[str, str]]]
"""By sample name, the labels of each sample."""

KUBE_STATE_METRICS = {
    "kube_deployment_created",
    "kube_deployment_metadata_generation",
    "kube_deployment_spec_replicas",
    "kube_deployment_status_condition",
    "kube_deployment_status_replicas_ready",
    "kube_deployment_status_replicas_unavailable",
    "kube_deployment_status_replicas_updated",
    "kube_horizontalpodautoscaler_spec_max_replicas",
    "kube_horizontalpodautoscaler_spec_min_replicas",
    "kube_horizontalpodautoscaler_status_condition",
    "kube_horizontalpodautoscaler_status_current_replicas",
    "kube_horizontalpodautoscaler_status_desired_replicas",
    "kube_node_status_allocatable",
    "kube_node_status_condition",
    "kube_pod_container_info",
    "kube_pod_container_resource_limits",
    "kube_pod_container_resource_requests",
    "kube_pod_container_status_last_terminated_exitcode",
    "kube_pod_container_status_last_terminated_reason",
    "kube_pod_container_status_restarts_total",
    "kube_pod_container_status_waiting_reason",
    "kube_pod_info",
    "kube_pod_status_phase",
    "kube_pod_status_ready",
    "kube_pod_status_unschedulable",
    "kube_poddisruptionbudget_status_current_healthy",
    "kube_poddisruptionbudget_status_desired_healthy",
    "kube_poddisruptionbudget_status_expected_pods",
    "kube_poddisruptionbudget_status_pod_disruptions_allowed",
}
CADVISOR = {
    "container_cpu_usage_seconds_total",
    "container_memory_working_set_bytes",
    "container_network_receive_bytes_total",
    "container_network_transmit_bytes_total",
}
PROMETHEUS = {
    "ALERTS",
    "prometheus_notifications_dropped_total",
    "prometheus_notifications_sent_total",
    "prometheus_rule_evaluation_failures_total",
    "prometheus_rule_group_iterations_missed_total",
    "prometheus_rule_group_last_duration_seconds",
    "scrape_duration_seconds",
    "scrape_samples_post_metric_relabeling",
    "up",
}
ALERTMANAGER = {
    "alertmanager_notifications_failed_total",
    "alertmanager_notifications_total",
}
OF_OTHERS = KUBE_STATE_METRICS | CADVISOR | PROMETHEUS | ALERTMANAGER


def selected(expr: str) -> Iterator[tuple[str, Matchers]]:
    """Each selector's metric name, empty if it has none, and its (label, operator, value).

    Not a parser: it is right for queries that Prometheus accepts.
    """
    for name, matchers in re.findall(rf"([\w:]*)\{{((?:{STRING}|[^}}\"])*)\}}", _bare(expr)):
        yield name, [(label, operator, text[1:-1]) for label, operator, text in re.findall(MATCHER, matchers)]
    without_matchers = re.sub(rf"[\w:]*\{{(?:{STRING}|[^}}\"])*\}}", " ", _bare(expr))
    for name in re.findall(r"(?<![\w:.$])[a-zA-Z_:][\w:]*(?!\s*\()(?![\w:])", re.sub(STRING, " ", without_matchers)):
        if name not in WORDS:
            yield name, []


def metrics(expr: str) -> set[str]:
    return {name for name, _ in selected(expr) if name}


def _bare(expr: str) -> str:
    """Without groupings and windows, which contain names of labels and variables."""
    return re.sub(r"\[[^\]]*\]", " ", re.sub(GROUPING, " ", expr))


def exported() -> Exported:
    """The samples of a server that has served no request yet; families without samples have an empty list."""
    found: Exported = {"cifar10_model_info": [dict.fromkeys(MODEL_INFO_LABELS, "")]}  # exported once a model is loaded
    for family in _families():
        for ending in {"counter": ("_total",), "histogram": ("_bucket", "_sum", "_count")}.get(family.type, ("",)):
            found.setdefault(family.name + ending, [])
        for sample in family.samples:
            found.setdefault(sample.name, []).append(dict(sample.labels))
    return found


def _families() -> Iterator[Metric]:
    yield from create_app(Settings(), None).extensions["predictor"].workers.collect()
    # Some of these are exported only where the kernel reports their values.
    yield from ProcessMetrics(CollectorRegistry(), "").describe()
