"""A fake API server: enough of one for the real kubectl to get, apply, label and delete objects.

It keeps objects, merges patches, and does nothing with them: no admission, no controllers, no kubelet. What a cluster
would make of a change is played by ``play``, which is called after each.
"""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.k8s.drill.discovery import KINDS, discovery, failure, openapi
from tests.k8s.drill.merge import merge, strategic

Object = dict[str, Any]


@dataclass
class FakeApiServer:
    """Objects by resource, namespace and name; :func:`serving` is the way to get one."""

    play: Callable[["FakeApiServer"], None]
    objects: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    """Method and path of each change, and of nothing else."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    port: int = 0

    def named(self, resource: str, name: str, namespace: str = "default") -> Object | None:
        return self.objects.get((resource, namespace, name))

    def put(self, resource: str, each: Object) -> None:
        """Without a namespace it is one of the cluster's."""
        self.objects[resource, each["metadata"].get("namespace", ""), each["metadata"]["name"]] = each

    def clear(self, resource: str, unless: Callable[[Object], bool] = lambda _: False) -> None:
        for key in [key for key, each in self.objects.items() if key[0] == resource and not unless(each)]:
            del self.objects[key]

    def answer(self, method: str, path: str, query: dict[str, list[str]], body: Any, kind: str) -> tuple[int, Object]:
        """Status and body."""
        parts = path.strip("/").split("/")
        if path == "/version":
            return 200, {"major": "1", "minor": "36", "gitVersion": "v1.36.2"}
        if parts[0] == "openapi":
            return openapi(path)
        if len(parts) <= 3 and (found := discovery(path)):
            return 200, found
        rest = parts[2:] if parts[0] == "api" else parts[3:]
        namespace = ""
        if len(rest) > 2 and rest[0] == "namespaces":
            namespace, rest = rest[1], rest[2:]
        if rest[0] not in KINDS:
            return 404, failure(404, "NotFound", f"no such path: {path}")
        with self.lock:
            if method == "GET":
                return self._get(rest, namespace, query)
            self.requests.append(f"{method} {path}")
            status, found = self._change(method, rest, namespace, body, kind)
            self.play(self)
            return status, found

    def _get(self, rest: list[str], namespace: str, query: dict[str, list[str]]) -> tuple[int, Object]:
        if len(rest) == 2:
            found = self.objects.get((rest[0], namespace, rest[1]))
            return (200, found) if found else _missing(*rest)
        group, kind = KINDS[rest[0]]
        wanted = _selector(query.get("labelSelector", [""])[0])
        fields = _selector(query.get("fieldSelector", [""])[0])
        items = [
            each
            for key, each in self.objects.items()
            if key[:2] == (rest[0], namespace)
            and wanted.items() <= each["metadata"].get("labels", {}).items()
            and all(str(each.get(name)) == value for name, value in fields.items())
        ]
        return 200, {"apiVersion": group, "kind": f"{kind}List", "metadata": {"resourceVersion": "1"}, "items": items}

    def _change(self, method: str, rest: list[str], namespace: str, body: Any, kind: str) -> tuple[int, Object]:
        if method == "POST":
            key = (rest[0], namespace, body["metadata"]["name"])
            if namespace:
                body["metadata"]["namespace"] = namespace
            self.objects[key] = body | {
                "metadata": body["metadata"] | {"uid": f"uid-{len(self.requests)}", "generation": 1}
            }
            return 201, self.objects[key]
        key = (rest[0], namespace, rest[1])
        if key not in self.objects:
            return _missing(*rest)
        if method == "DELETE":
            del self.objects[key]
            return 200, {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        old = self.objects[key]
        new = strategic(old, body) if "strategic" in kind else merge(old, body)
        if new.get("spec") != old.get("spec"):
            new["metadata"] = new["metadata"] | {"generation": old["metadata"].get("generation", 1) + 1}
        self.objects[key] = new
        return 200, new


@contextmanager
def serving(play: Callable[[FakeApiServer], None]) -> Iterator[FakeApiServer]:
    """A server on a free port of 127.0.0.1."""
    fake = FakeApiServer(play)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one piece: else the client's acknowledgement is waited for

        def handle_any(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            told = json.loads(body) if body else None
            status, found = fake.answer(
                self.command, url.path, parse_qs(url.query), told, self.headers.get("Content-Type", "")
            )
            sent = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PATCH = do_DELETE = handle_any

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        fake.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield fake
        finally:
            server.shutdown()
            thread.join()


def _selector(text: str) -> dict[str, str]:
    return dict(pair.replace("==", "=").split("=", 1) for pair in text.split(",") if pair)


def _missing(resource: str, name: str) -> tuple[int, Object]:
    details = {"name": name, "kind": resource}
    return 404, failure(404, "NotFound", f'{resource} "{name}" not found') | {"details": details}
