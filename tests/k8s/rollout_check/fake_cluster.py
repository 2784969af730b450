"""A fake API server with one Deployment, for the real kubectl: change it, and watch the rollout."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.k8s.rollout_check.discovery import DISCOVERY

NAME = "cifar10-deployment"
DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments"


class Cluster:
    """Its Deployment wants ``replicas``; :meth:`progress` is what its controller would say of it."""

    def __init__(self, replicas: int, changing: Callable[["Cluster"], None]) -> None:
        self.address = ""
        """Where kubectl's ``--server`` finds it."""
        self._replicas = replicas
        self._changing = changing
        self._generation = self._observed = 1
        self._revision = 0
        self._status = {"updatedReplicas": replicas, "replicas": replicas, "availableReplicas": replicas}
        self._changed = threading.Condition()
        self.watched = threading.Event()
        """Whether somebody waits for changes."""

    def progress(self, updated: int, replicas: int, available: int) -> None:
        with self._changed:
            self._observed = self._generation
            self._status = {"updatedReplicas": updated, "replicas": replicas, "availableReplicas": available}
            self._revision += 1
            self._changed.notify_all()

    def change(self) -> dict[str, Any]:
        """Any change of the template is the same to it: new pods."""
        with self._changed:
            self._generation += 1
        threading.Thread(target=self._changing, args=[self], daemon=True).start()
        return self.deployment()

    def deployment(self) -> dict[str, Any]:
        """As it is now."""
        version = str(self._revision + self._generation)
        about = {"name": NAME, "namespace": "default", "generation": self._generation, "resourceVersion": version}
        template = {
            "metadata": {"labels": {"app": NAME}},
            "spec": {"containers": [{"name": "cifar10", "image": "cifar-api-cpu:v1"}]},
        }
        return {
            "kind": "Deployment",
            "apiVersion": "apps/v1",
            "metadata": about,
            "spec": {
                "replicas": self._replicas,
                "selector": {"matchLabels": {"app": NAME}},
                "template": template,
                "strategy": {"type": "RollingUpdate"},
            },
            "status": {"observedGeneration": self._observed, **self._status},
        }

    def changes(self) -> Iterator[dict[str, Any]]:
        """Each one from now on, with the present state first."""
        seen = -1
        while True:
            with self._changed:
                self._changed.wait_for(lambda seen=seen: self._revision != seen, timeout=60)  # type: ignore[misc]
                seen = self._revision
                found = self.deployment()
            yield {"type": "MODIFIED", "object": found}


class Handler(BaseHTTPRequestHandler):
    cluster: Cluster

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path in DISCOVERY:
            self._send(DISCOVERY[url.path])
        elif url.path == f"{DEPLOYMENTS}/{NAME}":
            self._send(self.cluster.deployment())
        elif url.path == DEPLOYMENTS and "watch" in parse_qs(url.query):
            self._watch()
        elif url.path == DEPLOYMENTS:
            about = {"resourceVersion": "1"}
            items = [self.cluster.deployment()]
            self._send({"kind": "DeploymentList", "apiVersion": "apps/v1", "metadata": about, "items": items})
        else:
            self._send({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404}, 404)

    def do_PATCH(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self._send(self.cluster.change())

    def _watch(self) -> None:
        self._head(200)
        self.cluster.watched.set()
        for change in self.cluster.changes():
            try:
                self.wfile.write(json.dumps(change).encode() + b"\n")
            except OSError:  # kubectl has seen enough
                return

    def _send(self, body: Any, status: int = 200) -> None:
        self._head(status)
        self.wfile.write(json.dumps(body).encode())

    def _head(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a watch ends with its next change, which may never come


@contextmanager
def running(replicas: int, changing: Callable[[Cluster], None]) -> Iterator[Cluster]:
    """``changing`` is called in a thread of its own when the Deployment is changed."""
    cluster = Cluster(replicas, changing)
    with _Server(("127.0.0.1", 0), type("Handler", (Handler,), {"cluster": cluster})) as server:
        cluster.address = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield cluster
        finally:
            server.shutdown()
            thread.join()
