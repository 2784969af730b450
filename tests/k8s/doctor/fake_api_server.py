"""A fake API server: it serves a snapshot to the real kubectl, read-only, and remembers what it was asked.

It has discovery, lists of namespaced and other kinds, and logs of pods; no watch, no tables, no access control beyond
the resources that it is told to forbid.
"""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from k8s.doctor.fields import name, namespace
from k8s.doctor.snapshot import Snapshot

RESOURCES: dict[str, dict[str, tuple[str, bool]]] = {
    "v1": {
        "pods": ("Pod", True),
        "services": ("Service", True),
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
"""Kind, and whether it lies in a namespace, by resource and by the API's group and version."""

MONITORING = {
    "monitoring.coreos.com/v1": {"servicemonitors": ("ServiceMonitor", True), "prometheuses": ("Prometheus", True)}
}
"""What the prometheus-operator adds."""


@dataclass
class FakeApiServer:
    """What is served, and what was asked for so far."""

    snapshot: Snapshot
    resources: dict[str, dict[str, tuple[str, bool]]]
    forbidden: Sequence[str] = ()
    hang: threading.Event | None = None
    """No request is answered until it is set."""
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path."""

    def answer(self, path: str, query: dict[str, list[str]]) -> tuple[int, str | dict[str, Any]]:
        parts = path.strip("/").split("/")
        if path == "/version":
            return 200, {"major": "1", "minor": "36", "gitVersion": "v1.36.2"}
        if path == "/api":
            return 200, {"kind": "APIVersions", "versions": ["v1"]}
        if path == "/apis":
            groups = [each.split("/") for each in self.resources if "/" in each]
            return 200, {"kind": "APIGroupList", "apiVersion": "v1", "groups": [_group(*each) for each in groups]}
        version = parts[1] if parts[0] == "api" else "/".join(parts[1:3])
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        known = self.resources.get(version)
        if known is None:
            return 404, _status(404, "NotFound", "the server could not find the requested resource")
        if not rest:
            listed = [_resource(plural, *about) for plural, about in known.items()]
            return 200, {"kind": "APIResourceList", "groupVersion": version, "resources": listed}
        where = rest[1] if rest[0] == "namespaces" and len(rest) > 2 else None
        rest = rest[2:] if where else rest
        if len(rest) == 3 and rest[0] == "pods" and rest[2] == "log":
            return self._log(rest[1], query)
        if len(rest) == 2 and rest[0] == "pods":
            found = [each for each in self.snapshot.items if each["kind"] == "Pod" and name(each) == rest[1]]
            return 200, dict(found[0])
        return self._list(version, rest[0], where)

    def _list(self, version: str, plural: str, where: str | None) -> tuple[int, dict[str, Any]]:
        kind, _ = self.resources[version][plural]
        if plural in self.forbidden:
            group = version.rpartition("/")[0]
            scope = f' in the namespace "{where}"' if where else " at the cluster scope"
            message = f'{plural} is forbidden: User "dev" cannot list resource "{plural}" in API group "{group}"{scope}'
            return 403, _status(403, "Forbidden", message)
        every = [*self.snapshot.items, *self.snapshot.events] if kind != "Event" else self.snapshot.events
        items = [{"apiVersion": version, **each, "kind": kind} for each in every if each.get("kind", "Event") == kind]
        items = [each for each in items if where in (None, namespace(each))]
        return 200, {"kind": f"{kind}List", "apiVersion": version, "metadata": {"resourceVersion": "1"}, "items": items}

    def _log(self, pod: str, query: dict[str, list[str]]) -> tuple[int, str | dict[str, Any]]:
        container = query.get("container", ["?"])[0]
        before = query.get("previous") == ["true"]
        lines = (self.snapshot.previous if before else self.snapshot.logs).of(pod, container)
        if before and not lines:
            return 400, _status(
                400, "BadRequest", f'previous terminated container "{container}" in pod "{pod}" not found'
            )
        return 200, "".join(f"{line}\n" for line in lines)


class Server(ThreadingHTTPServer):
    """kubectl asks for all groups at once, more than the usual backlog takes."""

    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A kubectl that was ended does not wait for its answer."""


@contextmanager
def served(
    snapshot: Snapshot,
    folder: Path,
    *,
    forbidden: Sequence[str] = (),
    monitoring: bool = False,
    hang: threading.Event | None = None,
) -> Iterator[tuple[FakeApiServer, Path]]:
    """The server, and a configuration of kubectl in the folder that leads to it."""
    fake = FakeApiServer(snapshot, {**RESOURCES, **(MONITORING if monitoring else {})}, forbidden, hang)

    class Handler(BaseHTTPRequestHandler):
        def do_any(self) -> None:
            url = urlsplit(self.path)
            fake.asked.append((self.command, url.path))
            if fake.hang:
                fake.hang.wait(60)
            code, content = fake.answer(url.path, parse_qs(url.query))
            body = content.encode() if isinstance(content, str) else json.dumps(content).encode()
            self.send_response(code)
            self.send_header("Content-Type", "text/plain" if isinstance(content, str) else "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield fake, _kubeconfig(folder, server.server_port, snapshot)
    finally:
        if hang:
            hang.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _kubeconfig(folder: Path, port: int, snapshot: Snapshot) -> Path:
    where = next((namespace(each) for each in snapshot.items if "namespace" in each["metadata"]), "default")
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "dev", "user": {}}],
        "contexts": [{"name": "fake", "context": {"cluster": "fake", "user": "dev", "namespace": where}}],
        "current-context": "fake",
    }
    path = folder / "kubeconfig"
    path.write_text(json.dumps(content))
    return path


def _group(group: str, version: str) -> dict[str, Any]:
    both = {"groupVersion": f"{group}/{version}", "version": version}
    return {"name": group, "versions": [both], "preferredVersion": both}


def _resource(plural: str, kind: str, namespaced: bool) -> dict[str, Any]:
    return {
        "name": plural,
        "singularName": kind.lower(),
        "kind": kind,
        "namespaced": namespaced,
        "verbs": ["get", "list"],
    }


def _status(code: int, reason: str, message: str) -> dict[str, Any]:
    return {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "message": message,
        "reason": reason,
        "code": code,
    }
