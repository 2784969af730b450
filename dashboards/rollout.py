"""Rows of the workload dashboard: rollout, autoscaler and disruption budget."""

from dashboards.board import Row
from dashboards.colors import BAD, GOOD, LOOK, NEUTRAL, OFF
from dashboards.panels.graphs import graph, stacked, timeline
from dashboards.promql import over_time


def rollout() -> Row:
    shown = {
        "kube_deployment_spec_replicas": "desired",
        "kube_deployment_status_replicas_updated": "updated",
        "kube_deployment_status_replicas_ready": "ready",
        "kube_deployment_status_replicas_unavailable": "unavailable",
    }
    panels = [
        graph(
            "Replicas", "Desired, updated, ready and unavailable replicas.", "short",
            *(over_time(f"sum(max by (namespace) ({name}{{deployment}}))", word) for name, word in shown.items()),
            alerts=["Cifar10NoReadyReplicas"],
            colors={"desired": NEUTRAL, "updated": "purple", "ready": GOOD, "unavailable": BAD},
        ),
        stacked(
            "Images", "Pods by image.", "short",
            over_time(
                "count by (image_spec) (max by (namespace, pod, image_spec) (kube_pod_container_info{container}))",
                "{{image_spec}}",
            ),
        ),
        timeline(
            "Conditions of the Deployment", "Progressing is false if a rollout is stuck.",
            over_time(
                'min by (condition) (kube_deployment_status_condition{deployment,status="true"})', "{{condition}}"
            ),
            {0: ("false", BAD), 1: ("true", GOOD)}, alerts=["Cifar10RolloutStuck"],
        ),
    ]  # fmt: skip
    return Row("Rollout", panels)


def scaling() -> Row:
    scaler = "kube_horizontalpodautoscaler"
    shown = {"spec_min": "minimum", "status_current": "current", "status_desired": "desired", "spec_max": "maximum"}
    budgets = {
        "kube_poddisruptionbudget_status_current_healthy": "healthy",
        "kube_poddisruptionbudget_status_desired_healthy": "required",
        "kube_poddisruptionbudget_status_pod_disruptions_allowed": "allowed disruptions",
    }
    panels = [
        graph(
            "Autoscaler", "Current, desired, minimum and maximum replicas.", "short",
            *(over_time(f"max({scaler}_{name}_replicas{{hpa}})", word) for name, word in shown.items()),
            alerts=["Cifar10HpaMaxedOut"], absent="no autoscaler",
            colors={"minimum": OFF, "current": GOOD, "desired": NEUTRAL, "maximum": BAD},
        ),
        timeline(
            "Conditions of the autoscaler",
            "ScalingActive is false without metrics; ScalingLimited is true at the minimum or maximum.",
            over_time(f'max by (condition) ({scaler}_status_condition{{hpa,status="true"}})', "{{condition}}"),
            {0: ("false", OFF), 1: ("true", NEUTRAL)}, alerts=["Cifar10HpaMaxedOut"], absent="no autoscaler",
        ),
        graph(
            "Disruption budget", "Healthy pods, required pods, and allowed disruptions.", "short",
            *(over_time(f"min(max by (namespace, poddisruptionbudget) ({name}{{pdb}}))", word)
              for name, word in budgets.items()),
            alerts=["Cifar10PdbBlocked"], colors={"healthy": GOOD, "required": LOOK, "allowed disruptions": NEUTRAL},
        ),
    ]  # fmt: skip
    return Row("Autoscaling and evictions", panels)
