"""What kubectl asks an API server first: which resources it has."""

from typing import Any


def resource(name: str, kind: str) -> dict[str, Any]:
    verbs = ["get", "list", "patch", "watch"]
    return {"name": name, "singularName": kind.lower(), "kind": kind, "namespaced": True, "verbs": verbs}


DISCOVERY = {
    "/version": {"major": "1", "minor": "36", "gitVersion": "v1.36.0"},
    "/api": {"kind": "APIVersions", "versions": ["v1"]},
    "/apis": {
        "kind": "APIGroupList",
        "apiVersion": "v1",
        "groups": [
            {
                "name": "apps",
                "versions": [{"groupVersion": "apps/v1", "version": "v1"}],
                "preferredVersion": {"groupVersion": "apps/v1", "version": "v1"},
            }
        ],
    },
    "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": [resource("services", "Service")]},
    "/apis/apps/v1": {
        "kind": "APIResourceList",
        "groupVersion": "apps/v1",
        "resources": [resource("deployments", "Deployment")],
    },
}
