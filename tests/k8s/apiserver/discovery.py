"""The resources of the fake API server, and its discovery endpoints."""

from collections.abc import Mapping
from typing import Any

Object = dict[str, Any]
Resources = Mapping[str, Mapping[str, tuple[str, bool]]]
"""Kind, and whether it is namespaced, by API version and resource."""

RESOURCES: Resources = {
    "v1": {
        "pods": ("Pod", True),
        "services": ("Service", True),
        "serviceaccounts": ("ServiceAccount", True),
        "configmaps": ("ConfigMap", True),
        "secrets": ("Secret", True),
        "events": ("Event", True),
        "resourcequotas": ("ResourceQuota", True),
        "persistentvolumeclaims": ("PersistentVolumeClaim", True),
        "nodes": ("Node", False),
        "namespaces": ("Namespace", False),
    },
    "apps/v1": {
        "deployments": ("Deployment", True),
        "replicasets": ("ReplicaSet", True),
        "statefulsets": ("StatefulSet", True),
        "daemonsets": ("DaemonSet", True),
    },
    "batch/v1": {"jobs": ("Job", True)},
    "discovery.k8s.io/v1": {"endpointslices": ("EndpointSlice", True)},
    "networking.k8s.io/v1": {
        "ingresses": ("Ingress", True),
        "networkpolicies": ("NetworkPolicy", True),
        "ingressclasses": ("IngressClass", False),
    },
    "autoscaling/v2": {"horizontalpodautoscalers": ("HorizontalPodAutoscaler", True)},
    "policy/v1": {"poddisruptionbudgets": ("PodDisruptionBudget", True)},
    "storage.k8s.io/v1": {"storageclasses": ("StorageClass", False)},
}
MONITORING: Resources = {
    "monitoring.coreos.com/v1": {"servicemonitors": ("ServiceMonitor", True), "prometheuses": ("Prometheus", True)}
}
"""Resources of the prometheus-operator."""
VERBS = ["create", "delete", "get", "list", "patch", "watch"]


def discovery(resources: Resources, path: str) -> Object | None:
    """The response to a discovery path, or ``None``."""
    if path == "/version":
        return {"major": "1", "minor": "36", "gitVersion": "v1.36.2"}
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = [_group(*each.split("/")) for each in resources if "/" in each]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    version = path.removeprefix("/apis/").removeprefix("/api/")
    if version not in resources:
        return None
    listed = [
        {"name": name, "singularName": kind.lower(), "namespaced": namespaced, "kind": kind, "verbs": VERBS}
        for name, (kind, namespaced) in resources[version].items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": version, "resources": listed}


def openapi(resources: Resources, path: str) -> Object | None:
    """The part that kubectl reads: that the server validates fields, although this one does not."""
    prefixes = {version: "api/v1" if version == "v1" else f"apis/{version}" for version in resources}
    if path == "/openapi/v3":
        return {"paths": {each: {"serverRelativeURL": f"/openapi/v3/{each}?hash=0"} for each in prefixes.values()}}
    version = next((each for each, prefix in prefixes.items() if path == f"/openapi/v3/{prefix}"), None)
    if version is None:
        return None
    group, _, number = version.rpartition("/")
    paths = {
        f"/{prefixes[version]}/{resource}/{{name}}": {
            "patch": {
                "parameters": [{"name": "fieldValidation", "in": "query"}],
                "x-kubernetes-group-version-kind": {"group": group, "version": number, "kind": kind},
                "responses": {},
            }
        }
        for resource, (kind, _) in resources[version].items()
    }
    return {"openapi": "3.0.0", "info": {"title": "fake", "version": "1"}, "paths": paths}


def _group(group: str, version: str) -> Object:
    both = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [both], "preferredVersion": both}
