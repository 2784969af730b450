"""Rollouts, services and autoscalers, and states that are no known fault."""

from collections.abc import Callable

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def with_old_pods(newest: Callable[[], Draft]) -> Draft:
    """A rollout without progress; the old pods keep serving."""
    draft, old = newest(), Draft("healthy")
    digest = old.one("ReplicaSet")["metadata"]["labels"]["pod-template-hash"]
    old.renamed(**{digest: "5d8f7c9b64", '"healthy"': f'"{draft.namespace}"'})
    replica_set, pod = old.one("ReplicaSet"), old.pod
    replica_set["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "1"
    draft.one("ReplicaSet")["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    owner = draft.one("ReplicaSet")["metadata"]["ownerReferences"]
    replica_set["metadata"]["ownerReferences"] = owner
    draft.items += [replica_set, pod]
    draft.one("EndpointSlice")["endpoints"] = old.one("EndpointSlice")["endpoints"]
    return draft


def with_bad_image() -> Draft:
    return with_old_pods(lambda: Draft("image-tag-not-found"))


def with_bad_image_and_selector() -> Draft:
    draft = Draft("image-tag-not-found")
    draft.one("Service")["spec"]["selector"] = {"app": "other"}
    return draft


def scaled_to_zero() -> Draft:
    draft = Draft("healthy").no_pods()
    for kind in ("Deployment", "ReplicaSet"):
        draft.one(kind)["spec"]["replicas"] = 0
    return draft


def paused() -> Draft:
    draft = Draft("healthy")
    draft.one("Deployment")["spec"]["paused"] = True
    draft.one("Deployment")["status"]["updatedReplicas"] = 0
    return draft


def old_pod_on_its_way_out() -> Draft:
    draft = with_old_pods(lambda: Draft("healthy"))
    old = draft.items[-1]
    old["metadata"]["deletionTimestamp"] = draft.time(-20)
    old["status"]["containerStatuses"][0]["ready"] = False
    return draft.event("Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503", of=old, count=4)


def stuck_terminating() -> Draft:
    draft = Draft("healthy")
    draft.pod["metadata"].update(deletionTimestamp=draft.time(300), finalizers=["example.com/hold"])
    return draft


def nobody_knows() -> Draft:
    draft = Draft("readiness-failing").without_events().log()
    draft.pod["status"].pop("containerStatuses")
    draft.pod["status"]["phase"] = "Unknown"
    return draft


def just_started() -> Draft:
    """The startup probe fails while the server starts."""
    draft = Draft("healthy").without_events().running(seconds=4, ready=False, started=False)
    draft.rolling_out("ReplicaSet is progressing.")
    return draft.event("Unhealthy", f"Startup probe failed: {drills.connection_refused()}", count=3, ago=1)


def still_pulling() -> Draft:
    draft = Draft("healthy").without_events().waiting("ContainerCreating")
    draft.pod["status"]["phase"] = "Pending"
    return draft.event("Pulling", 'Pulling image "localhost:5000/cifar-api-cpu:v1"', type="Normal", count=1, ago=40)


def restarted_long_ago() -> Draft:
    draft = Draft("healthy")
    draft.status.update(
        restartCount=1,
        lastState={"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": draft.time(40000)}},
    )
    return draft


def probe_failed_at_first() -> Draft:
    return Draft("healthy").event("Unhealthy", f"Startup probe failed: {drills.connection_refused()}", count=2, ago=129)


def service_number_wrong() -> Draft:
    draft = Draft("healthy")
    draft.one("Service")["spec"]["ports"][0]["targetPort"] = 8080
    return draft


def backend_missing() -> Draft:
    draft = drills.ingress_class_missing()
    ingress = draft.one("Ingress")
    ingress["spec"]["ingressClassName"] = "nginx"
    ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]["port"] = {"name": "web"}
    return draft


def denies_all() -> Draft:
    spec = {"podSelector": {}, "policyTypes": ["Ingress"]}
    return Draft("healthy").add("NetworkPolicy", "deny-all", spec)


def not_selected_by_prometheus() -> Draft:
    draft = drills.monitored({"app": "cifar10"})
    spec = {"serviceMonitorSelector": {"matchLabels": {"release": "stack"}}}
    return draft.add("Prometheus", "stack", spec, metadata={"namespace": "monitoring"})


def hpa_without_metrics() -> Draft:
    reference = {"kind": "Deployment", "name": "cifar10-deployment"}
    active = {
        "type": "ScalingActive",
        "status": "False",
        "reason": "FailedGetResourceMetric",
        "message": "failed to get cpu utilization: unable to get metrics for resource cpu: no metrics returned",
    }
    draft = Draft("healthy")
    return draft.add("HorizontalPodAutoscaler", "web", {"scaleTargetRef": reference}, status={"conditions": [active]})


def hpa_of_nothing() -> Draft:
    reference = {"kind": "Deployment", "name": "cifar10-deploy"}
    return Draft("healthy").add("HorizontalPodAutoscaler", "web", {"scaleTargetRef": reference}, status={})


VARIANTS: Drafts = {
    "rollout with a bad image": ("image-not-found", with_bad_image),
    "bad image and bad selector": ("image-not-found", with_bad_image_and_selector),
    "scaled to zero": ("scaled-to-zero", scaled_to_zero),
    "paused": ("rollout-paused", paused),
    "stuck terminating": ("pod-stuck-terminating", stuck_terminating),
    "old pod on its way out": ("healthy", old_pod_on_its_way_out),
    "nobody knows": ("unknown", nobody_knows),
    "just started": ("in-progress", just_started),
    "still pulling": ("in-progress", still_pulling),
    "restarted long ago": ("healthy", restarted_long_ago),
    "probe failed at first": ("healthy", probe_failed_at_first),
    "targetPort is another number": ("service-port-wrong", service_number_wrong),
    "ingress names no port of the service": ("ingress-backend-missing", backend_missing),
    "policy denies all": ("network-policy-blocks-traffic", denies_all),
    "monitor without the release label": ("service-monitor-not-selected", not_selected_by_prometheus),
    "autoscaler without metrics": ("autoscaler-no-metrics", hpa_without_metrics),
    "autoscaler of nothing": ("autoscaler-target-missing", hpa_of_nothing),
}
