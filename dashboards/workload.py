"""The workload dashboard: waiting and exit reasons, restarts, rollout and autoscaling, from kube-state-metrics."""

from grafana_foundation_sdk.models import dashboard
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards import variables
from dashboards.alerts import alerts, firing
from dashboards.annotations import ALERTS, DEPLOYMENT
from dashboards.board import Row, board
from dashboards.colors import BAD, GOOD, LOOK, NEUTRAL, OFF, above, below, meaning
from dashboards.limits import LIMITS
from dashboards.panels.graphs import graph, stacked, timeline
from dashboards.panels.tables import listing
from dashboards.panels.values import stat_of
from dashboards.promql import now, over_time, rows
from dashboards.rollout import rollout, scaling

PULLS = "ErrImagePull|ImagePullBackOff|ErrImageNeverPull|InvalidImageName|ImageInspectError"
CONFIGURATION = "CreateContainerConfigError|CreateContainerError|RunContainerError"
WRONG = f"{PULLS}|{CONFIGURATION}|CrashLoopBackOff"
WAITING_ALERTS = ["Cifar10ImagePullFailing", "Cifar10CrashLooping", "Cifar10ConfigError"]

EXITS = {
    0: ("0: completed", LOOK),
    1: ("1: application error", BAD),
    78: ("78: invalid setting", BAD),
    127: ("127: command not found", BAD),
    128: ("128: container could not start", BAD),
    137: ("137: SIGKILL (memory, probe or grace period)", BAD),
    143: ("143: SIGTERM", LOOK),
}
CONTAINERS = "Cifar10(ImagePullFailing|CrashLooping|OOMKilled|ConfigError|Restarting|RunningNotReady)"
DEPLOYMENTS = "Cifar10(NoReadyReplicas|RolloutStuck|PodUnschedulable|HpaMaxedOut|PdbBlocked)"


def built() -> dashboard.Dashboard:
    return board(
        "cifar10-workload", "CIFAR-10 / Kubernetes workload",
        "Waiting and exit reasons of the pods, restarts, rollout and autoscaler.",
        [_glance(), _wrong(), alerts(f"{CONTAINERS}|{DEPLOYMENTS}"), rollout(), _pods(), scaling()],
        variables=variables.of_cluster(), marks=[DEPLOYMENT, ALERTS],
    )  # fmt: skip


def _glance() -> Row:
    panels = [
        firing(),
        stat_of(
            "Replicas ready", "Ready replicas as a share of the desired replicas.", "percentunit",
            now(
                "sum(max by (namespace) (kube_deployment_status_replicas_ready{deployment})) "
                "/ sum(max by (namespace) (kube_deployment_spec_replicas{deployment}))",
                "ready",
            ),
            below(1, look=1), words={0: ("none", BAD), 1: ("all", GOOD)}, absent="no Deployment",
            alerts=["Cifar10NoReadyReplicas", "Cifar10RunningNotReady"],
        ),
        stat_of(
            "Rollout", "Stuck after progressDeadlineSeconds without progress.", "none",
            now(
                'min(kube_deployment_status_condition{deployment,condition="Progressing",status="true"})', "progressing"
            ),
            below(1), words={0: ("stuck", BAD), 1: ("fine", GOOD)}, absent="no Deployment",
            alerts=["Cifar10RolloutStuck"],
        ),
        stat_of(
            "Pods that cannot start",
            "Pods whose image cannot be pulled, whose container cannot be created, or that are crash looping. Over "
            "2 minutes, because the reasons alternate.", "none",
            now(
                "count(max by (namespace, pod) (max_over_time(kube_pod_container_status_waiting_reason{container,"
                f'reason=~"{WRONG}"}}[2m])) == 1) or vector(0)',
                "pods",
            ),
            above(1), words={0: ("none", GOOD)}, alerts=WAITING_ALERTS,
        ),
        stat_of(
            "Unschedulable pods", "Pods for which no node has room or matches.", "none",
            now("sum(max by (namespace, pod) (kube_pod_status_unschedulable{pod})) or vector(0)", "pods"),
            above(1), words={0: ("none", GOOD)}, alerts=["Cifar10PodUnschedulable"],
        ),
        stat_of(
            "Restarts in an hour", "Highest number of restarts of any container in the last hour.", "none",
            now("ceil(max(increase(kube_pod_container_status_restarts_total{container}[1h])))", "restarts"),
            above(LIMITS["Cifar10Restarting"], 1), words={0: ("none", GOOD)}, absent="no container",
            alerts=["Cifar10Restarting"],
        ),
        stat_of(
            "Autoscaler", "Current replicas as a share of the maximum.", "percentunit",
            now(
                "max(max by (namespace, horizontalpodautoscaler) "
                "(kube_horizontalpodautoscaler_status_current_replicas{hpa}) "
                "/ max by (namespace, horizontalpodautoscaler) (kube_horizontalpodautoscaler_spec_max_replicas{hpa}))",
                "in use",
            ),
            above(1), words={1: ("at maximum", BAD)}, absent="none", alerts=["Cifar10HpaMaxedOut"],
        ),
        stat_of(
            "Evictions allowed", "Lowest number of allowed disruptions of any disruption budget.", "none",
            now(
                "min(max by (namespace, poddisruptionbudget) "
                "(kube_poddisruptionbudget_status_pod_disruptions_allowed{pdb}))",
                "pods",
            ),
            below(1), words={0: ("none", BAD)}, absent="no budget", alerts=["Cifar10PdbBlocked"],
        ),
    ]  # fmt: skip
    return Row("At a glance", panels, height=4)


def _wrong() -> Row:
    waiting = "max by (namespace, pod, reason) (kube_pod_container_status_waiting_reason{container} == 1)"
    exits = listing(
        "Last exits",
        "How each container last ended, and its restarts in the selected time range. 137 with the reason Error "
        "is a failed probe or an exceeded grace period.",
        rows("max by (namespace, pod, reason) (kube_pod_container_status_last_terminated_reason{container} == 1)"),
        rows("max by (pod) (kube_pod_container_status_last_terminated_exitcode{container})"),
        rows("ceil(max by (pod) (increase(kube_pod_container_status_restarts_total{container}[$__range]))) > 0"),
        join="pod", alerts=["Cifar10OOMKilled", "Cifar10CrashLooping"], absent="none",
        columns={
            "namespace": "namespace", "pod": "pod", "reason": "reason", "Value #B": "exit code", "Value #C": "restarts",
        },
        widths={"namespace": 90, "reason": 110, "restarts": 70},
    )  # fmt: skip
    exits.override_by_name(
        "exit code",
        [
            DynamicConfigValue("mappings", meaning(EXITS, "")),
            DynamicConfigValue("custom.cellOptions", {"type": "color-text"}),
        ],
    )
    panels = [
        listing(
            "Waiting now", "Waiting reasons of the containers. The message is in "
            "status.containerStatuses[].state.waiting.message of the pod.",
            rows(waiting), columns={"namespace": "namespace", "pod": "pod", "reason": "reason"}, alerts=WAITING_ALERTS,
            absent="none waiting", widths={"namespace": 80, "reason": 190},
        ),
        exits,
    ]  # fmt: skip
    return Row("Problems", panels, height=7, widths=[10, 14])


def _pods() -> Row:
    reason = "kube_pod_container_status_waiting_reason{container}"
    panels = [
        timeline(
            "Ready", "Pods that receive requests.",
            over_time('max by (pod) (kube_pod_status_ready{pod,condition="true"})', "{{pod}}"),
            {0: ("not ready", BAD), 1: ("ready", GOOD)}, alerts=["Cifar10RunningNotReady"],
        ),
        timeline(
            "Waiting", "Waiting reasons of the containers. Failed pulls and crash loops alternate between two reasons.",
            over_time(f"max by (pod, reason) (max_over_time({reason}[$__rate_interval])) == 1", "{{pod}} {{reason}}"),
            {1: ("waiting", LOOK)}, alerts=WAITING_ALERTS,
            absent="none waiting",
        ),
        graph(
            "Restarts", "Restarts of each container within an hour.", "short",
            over_time("max by (pod) (increase(kube_pod_container_status_restarts_total{container}[1h]))", "{{pod}}"),
            limits=above(LIMITS["Cifar10Restarting"]), alerts=["Cifar10Restarting", "Cifar10OOMKilled"],
        ),
        stacked(
            "Phases", "Pods by phase.", "short",
            over_time("sum by (phase) (max by (namespace, pod, phase) (kube_pod_status_phase{pod})) > 0", "{{phase}}"),
            colors={"Running": GOOD, "Pending": LOOK, "Failed": BAD, "Succeeded": NEUTRAL, "Unknown": OFF},
        ),
    ]  # fmt: skip
    return Row("Pods", panels, height=9, widths=[6, 8, 5, 5])
