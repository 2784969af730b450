"""The metrics that the rules take from others than the service, by the document that names them."""

CLUSTER_METRICS = {
    "kube-state-metrics: docs/metrics/workload/deployment-metrics.md": {
        "kube_deployment_spec_replicas",
        "kube_deployment_status_condition",
        "kube_deployment_status_replicas_ready",
    },
    "kube-state-metrics: docs/metrics/workload/pod-metrics.md": {
        "kube_pod_container_resource_limits",
        "kube_pod_container_status_last_terminated_reason",
        "kube_pod_container_status_restarts_total",
        "kube_pod_container_status_waiting_reason",
        "kube_pod_status_phase",
        "kube_pod_status_ready",
        "kube_pod_status_unschedulable",
    },
    "kube-state-metrics: docs/metrics/workload/horizontalpodautoscaler-metrics.md": {
        "kube_horizontalpodautoscaler_spec_max_replicas",
        "kube_horizontalpodautoscaler_spec_min_replicas",
        "kube_horizontalpodautoscaler_status_current_replicas",
    },
    "kube-state-metrics: docs/metrics/policy/poddisruptionbudget-metrics.md": {
        "kube_poddisruptionbudget_status_expected_pods",
        "kube_poddisruptionbudget_status_pod_disruptions_allowed",
    },
    "cAdvisor: docs/storage/prometheus.md": {
        "container_memory_working_set_bytes",
    },
    "Prometheus: docs/concepts/jobs_instances.md": {
        "scrape_samples_post_metric_relabeling",
        "up",
    },
}
