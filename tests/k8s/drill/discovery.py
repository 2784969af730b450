"""What the fake API server knows, and tells kubectl of it."""

from typing import Any

Object = dict[str, Any]

RESOURCES = {
    "v1": {
        "pods": "Pod",
        "events": "Event",
        "services": "Service",
        "configmaps": "ConfigMap",
        "serviceaccounts": "ServiceAccount",
        "resourcequotas": "ResourceQuota",
        "namespaces": "Namespace",
    },
    "apps/v1": {"deployments": "Deployment"},
    "batch/v1": {"jobs": "Job"},
    "policy/v1": {"poddisruptionbudgets": "PodDisruptionBudget"},
    "networking.k8s.io/v1": {"ingresses": "Ingress", "networkpolicies": "NetworkPolicy"},
    "monitoring.coreos.com/v1": {"servicemonitors": "ServiceMonitor"},
}
KINDS = {name: (group, kind) for group, resources in RESOURCES.items() for name, kind in resources.items()}
VERBS = ["create", "delete", "get", "list", "patch"]


def discovery(path: str) -> Object | None:
    """The answer to one of the paths by which kubectl finds out what there is."""
    if path == "/api":
        return {"kind": "APIVersions", "versions": ["v1"]}
    if path == "/apis":
        groups = [
            {"name": name, "versions": [version], "preferredVersion": version}
            for group in RESOURCES
            if group != "v1"
            for name, version in [(group.split("/")[0], {"groupVersion": group, "version": group.split("/")[1]})]
        ]
        return {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups}
    group = path.removeprefix("/apis/").removeprefix("/api/")
    if group not in RESOURCES:
        return None
    resources = [
        {"name": name, "singularName": kind.lower(), "namespaced": name != "namespaces", "kind": kind, "verbs": VERBS}
        for name, kind in RESOURCES[group].items()
    ]
    return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group, "resources": resources}


def openapi(path: str) -> tuple[int, Object]:
    """Just what kubectl looks for: that fields are validated by the server, which ours does not do."""
    prefixes = {group: "api/v1" if group == "v1" else f"apis/{group}" for group in RESOURCES}
    if path == "/openapi/v3":
        return 200, {"paths": {p: {"serverRelativeURL": f"/openapi/v3/{p}?hash=0"} for p in prefixes.values()}}
    group = next((name for name, prefix in prefixes.items() if path == f"/openapi/v3/{prefix}"), None)
    if group is None:
        return 404, failure(404, "NotFound", path)
    name, _, version = group.rpartition("/")
    paths = {
        f"/{prefixes[group]}/{resource}/{{name}}": {
            "patch": {
                "parameters": [{"name": "fieldValidation", "in": "query"}],
                "x-kubernetes-group-version-kind": {"group": name, "version": version, "kind": kind},
                "responses": {},
            }
        }
        for resource, kind in RESOURCES[group].items()
    }
    return 200, {"openapi": "3.0.0", "info": {"title": "fake", "version": "1"}, "paths": paths}


def failure(code: int, reason: str, message: str) -> Object:
    """The body of an error."""
    told = {"status": "Failure", "message": message, "reason": reason, "code": code}
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}} | told
