"""A fake API server on a port of 127.0.0.1, and the kubeconfig that leads to it."""

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from k8s.doctor.fields import namespace
from k8s.doctor.snapshot import Snapshot
from tests.k8s.apiserver.discovery import MONITORING, RESOURCES, Resources
from tests.k8s.apiserver.server import FakeApiServer


class Server(ThreadingHTTPServer):
    """The backlog is large, because kubectl requests all API groups at once."""

    request_queue_size = 128
    daemon_threads = True
    block_on_close = False  # a watch ends with its next change, which may never come

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A kubectl that was ended does not wait for its answer."""


class Handler(BaseHTTPRequestHandler):
    fake: FakeApiServer
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # headers and body in one piece: else the client's acknowledgement is waited for

    def do_any(self) -> None:
        url = urlsplit(self.path)
        query = parse_qs(url.query)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.fake.asked.append((self.command, url.path))
        if self.fake.hang:
            self.fake.hang.wait(60)
        if "watch" in query:
            self._watch(url.path, query)
            return
        told, kind = json.loads(body) if body else None, self.headers.get("Content-Type", "")
        status, found = self.fake.answer(self.command, url.path, query, told, kind)
        sent = found.encode() if isinstance(found, str) else json.dumps(found).encode()
        kind = "text/plain" if isinstance(found, str) else "application/json"
        self._head(status, kind, ("Content-Length", len(sent)))
        self.wfile.write(sent)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_any

    def _watch(self, path: str, query: dict[str, list[str]]) -> None:
        self._head(200, "application/json", ("Connection", "close"))
        for change in self.fake.watch(path, query):
            try:
                self.wfile.write(json.dumps(change).encode() + b"\n")
                self.wfile.flush()
            except OSError:  # kubectl has seen enough
                return

    def _head(self, status: int, kind: str, last: tuple[str, object]) -> None:
        self.send_response(status)
        for name, value in (("Content-Type", kind), last):
            self.send_header(name, str(value))
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def serving(fake: FakeApiServer) -> Iterator[FakeApiServer]:
    """Serve the fake on a port of 127.0.0.1."""
    with Server(("127.0.0.1", 0), type("Handler", (Handler,), {"fake": fake})) as server:
        fake.port = server.server_port
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield fake
        finally:
            if fake.hang:
                fake.hang.set()
            server.shutdown()
            thread.join()


def write_kubeconfig(path: Path, port: int, *contexts: str, namespace: str = "default") -> Path:
    """Write a kubeconfig whose contexts all use a port of 127.0.0.1; the first context is the current one."""
    chosen = {"cluster": "fake", "user": "dev", "namespace": namespace}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "fake", "cluster": {"server": f"http://127.0.0.1:{port}"}}],
        "users": [{"name": "dev", "user": {}}],
        "contexts": [{"name": name, "context": chosen} for name in contexts],
        "current-context": contexts[0],
    }
    path.write_text(json.dumps(content))
    return path


@contextmanager
def served(
    snapshot: Snapshot,
    folder: Path,
    *,
    forbidden: Sequence[str] = (),
    monitoring: bool = False,
    hang: threading.Event | None = None,
) -> Iterator[tuple[FakeApiServer, Path]]:
    """A fake server with the snapshot, and the path of its kubeconfig in the folder."""
    resources: Resources = {**RESOURCES, **(MONITORING if monitoring else {})}
    fake = FakeApiServer(
        resources=resources, forbidden=forbidden, hang=hang, logs=snapshot.logs, previous=snapshot.previous
    )
    known = {kind: name for kinds in resources.values() for name, (kind, _) in kinds.items()}
    for each in (*snapshot.items, *({"kind": "Event", **event} for event in snapshot.events)):
        if each["kind"] in known:
            fake.put(known[each["kind"]], dict(each))
    where = next((namespace(each) for each in snapshot.items if "namespace" in each["metadata"]), "default")
    with serving(fake):
        yield fake, write_kubeconfig(folder / "kubeconfig", fake.port, "fake", namespace=where)
