"""Services, what leads to them, and what measures and scales."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


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
    "targetPort is another number": ("service-port-wrong", service_number_wrong),
    "ingress names no port of the service": ("ingress-backend-missing", backend_missing),
    "policy denies all": ("network-policy-blocks-traffic", denies_all),
    "monitor without the release label": ("service-monitor-not-selected", not_selected_by_prometheus),
    "autoscaler without metrics": ("autoscaler-no-metrics", hpa_without_metrics),
    "autoscaler of nothing": ("autoscaler-target-missing", hpa_of_nothing),
}
