"""HorizontalPodAutoscalers that cannot scale."""

from collections.abc import Iterator

from k8s.doctor.fields import Json, condition, mapping, name, text
from k8s.doctor.finding import HIGH, MEDIUM, Evidence, Finding
from k8s.doctor.workloads import Workload


def diagnose(workload: Workload) -> Iterator[Finding]:
    for scaler in workload.cluster.all("HorizontalPodAutoscaler", workload.namespace):
        if _is_for(scaler, workload):
            yield from _no_metrics(scaler, workload)
    if workload.kind == "Deployment":
        for scaler in workload.cluster.all("HorizontalPodAutoscaler", workload.namespace):
            yield from _no_target(scaler, workload)


def _is_for(scaler: Json, workload: Workload) -> bool:
    target = mapping(scaler, "spec", "scaleTargetRef")
    return (text(target, "kind"), text(target, "name")) == (workload.kind, workload.name)


def _no_metrics(scaler: Json, workload: Workload) -> Iterator[Finding]:
    active, able = condition(scaler, "ScalingActive"), condition(scaler, "AbleToScale")
    if workload.desired == 0:
        return
    for each, type_ in ((able, "AbleToScale"), (active, "ScalingActive")):
        if text(each, "status") != "False" or text(each, "reason") == "ScalingDisabled":
            continue
        message = text(each, "message")
        requests = [c for c in workload.containers if mapping(c, "resources", "requests").get("cpu")]
        why = "no metrics can be had"
        fix = (
            "kubectl top pods"
            + workload.flag
            + "   # needs metrics-server: kubectl get apiservice v1beta1.metrics.k8s.io"
        )
        if "missing request" in message or (not requests and "cpu" in message):
            why, fix = (
                "a container has no resources.requests",
                f"kubectl edit {workload.ref}{workload.flag}   # requests.cpu",
            )
        yield Finding(
            "autoscaler-no-metrics",
            f"The HorizontalPodAutoscaler {name(scaler)} can't scale {workload.name}: {why}.",
            HIGH if not [pod for pod in workload.alive if not pod.ready] else MEDIUM,
            (
                Evidence(
                    f"horizontalpodautoscaler/{name(scaler)}",
                    f"status.conditions[{type_}]",
                    f"{text(each, 'reason')}: {message}",
                ),
            ),
            next=(f"kubectl describe hpa {name(scaler)}{workload.flag}",),
            fix=(fix,),
        )
        return


def _no_target(scaler: Json, workload: Workload) -> Iterator[Finding]:
    """The target does not exist; reported for the Deployment with a similar name."""
    target = mapping(scaler, "spec", "scaleTargetRef")
    wanted = text(target, "name")
    if text(target, "kind") != "Deployment" or workload.cluster.get("Deployment", workload.namespace, wanted):
        return
    if (
        wanted.split("-")[0] == workload.name.split("-")[0]
        or len(workload.cluster.all("Deployment", workload.namespace)) == 1
    ):
        yield Finding(
            "autoscaler-target-missing",
            f"The HorizontalPodAutoscaler {name(scaler)} scales a Deployment {wanted}, which does not exist.",
            HIGH,
            (Evidence(f"horizontalpodautoscaler/{name(scaler)}", "spec.scaleTargetRef.name", wanted),),
            next=(f"kubectl describe hpa {name(scaler)}{workload.flag}",),
            fix=(f"kubectl edit hpa {name(scaler)}{workload.flag}   # scaleTargetRef.name: {workload.name}",),
        )


def at_maximum(workload: Workload) -> Iterator[str]:
    """Notes on autoscalers that have reached their maximum."""
    for scaler in workload.cluster.all("HorizontalPodAutoscaler", workload.namespace):
        limited = condition(scaler, "ScalingLimited")
        if (
            _is_for(scaler, workload)
            and text(limited, "status") == "True"
            and text(limited, "reason") == "TooManyReplicas"
        ):
            yield f"The HorizontalPodAutoscaler {name(scaler)} is at its maximum, and would make more pods."
