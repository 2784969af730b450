"""A fake API server, sufficient for the real kubectl to get, watch, apply, label and delete objects, and read logs.

It keeps objects, merges patches, and does nothing with them: no admission, no access control but what it is told to
forbid, no controllers, no kubelet. What a cluster would make of a change is played by ``play``, after each.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from k8s.doctor.logs import Logs
from tests.k8s.apiserver.discovery import RESOURCES, Resources, discovery, openapi
from tests.k8s.apiserver.merge import merge, strategic
from tests.k8s.apiserver.protocol import (
    Answer,
    at,
    forbidden,
    no_previous_log,
    no_such_path,
    not_found,
    selector,
    split,
)

Object = dict[str, Any]
Query = dict[str, list[str]]


@dataclass
class FakeApiServer:
    """Objects by resource, namespace and name. Start it with :func:`tests.k8s.apiserver.serving.serving`."""

    play: Callable[["FakeApiServer"], None] = lambda _: None
    resources: Resources = field(default_factory=lambda: RESOURCES)
    forbidden: Sequence[str] = ()
    """Resources that may not be listed."""
    hang: threading.Event | None = None
    """Responses wait until it is set."""
    objects: dict[tuple[str, str, str], Object] = field(default_factory=dict)
    logs: Logs = field(default_factory=Logs)
    previous: Logs = field(default_factory=Logs)
    asked: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of each request."""
    watched: threading.Event = field(default_factory=threading.Event)
    """Set once a client watches for changes."""
    port: int = 0
    _revision: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)

    @property
    def changes(self) -> list[str]:
        """Method and path of each request to change something."""
        return [f"{method} {path}" for method, path in self.asked if method != "GET"]

    def named(self, resource: str, name: str, namespace: str = "default") -> Object | None:
        return self.objects.get((resource, namespace, name))

    def put(self, resource: str, each: Object) -> None:
        """Without a namespace it is one of the cluster's."""
        with self._changed:
            self.objects[resource, each["metadata"].get("namespace", ""), each["metadata"]["name"]] = each
            self._tell()

    def clear(self, resource: str, unless: Callable[[Object], bool] = lambda _: False) -> None:
        with self._changed:
            for key in [key for key, each in self.objects.items() if key[0] == resource and not unless(each)]:
                del self.objects[key]
            self._tell()

    def answer(self, method: str, path: str, query: Query, body: Any, kind: str) -> Answer:
        """What a request gets; ``kind`` is the body's content type."""
        told = discovery(self.resources, path) or openapi(self.resources, path)
        if told:
            return 200, told
        version, namespace, rest = split(path)
        if not rest or rest[0] not in self.resources.get(version, {}):
            return no_such_path()
        with self._changed:
            if method == "GET":
                return self._get(version, namespace, rest, query)
            found = self._change(method, rest, namespace, body, kind)
            self._tell()
            self.play(self)
            return found

    def watch(self, path: str, query: Query) -> Iterator[Object]:
        """The objects that are asked for, now and after each change, without an end."""
        version, namespace, (resource, *_) = split(path)
        seen = -1
        self.watched.set()
        while True:
            with self._changed:
                self._changed.wait_for(lambda seen=seen: self._revision != seen, timeout=60)  # type: ignore[misc]
                seen = self._revision
                items = self._list(version, resource, namespace, query)
            for each in items:
                yield {"type": "MODIFIED", "object": each}

    def _get(self, version: str, namespace: str, rest: list[str], query: Query) -> Answer:
        if len(rest) == 1:
            if rest[0] in self.forbidden:
                return forbidden(version, rest[0], namespace)
            kind, _ = self.resources[version][rest[0]]
            items = self._list(version, rest[0], namespace, query)
            about = {"resourceVersion": str(self._revision)}
            return 200, {"apiVersion": version, "kind": f"{kind}List", "metadata": about, "items": items}
        if rest[2:] == ["log"]:
            return self._log(rest[1], query)
        found = self.objects.get((rest[0], namespace, rest[1]))
        return (200, found) if found else not_found(*rest[:2])

    def _list(self, version: str, resource: str, namespace: str, query: Query) -> list[Object]:
        labels, fields = (selector(query.get(each, [""])[0]) for each in ("labelSelector", "fieldSelector"))
        about = {"apiVersion": version, "kind": self.resources[version][resource][0]}
        return [
            about | each
            for (kept, where, _), each in self.objects.items()
            if kept == resource
            and namespace in ("", where)
            and labels.items() <= each["metadata"].get("labels", {}).items()
            and all(at(each, path) == value for path, value in fields.items())
        ]

    def _log(self, pod: str, query: Query) -> Answer:
        container = query.get("container", ["?"])[0]
        before = query.get("previous") == ["true"]
        lines = (self.previous if before else self.logs).of(pod, container)
        if before and not lines:
            return no_previous_log(pod, container)
        return 200, "".join(f"{line}\n" for line in lines)

    def _change(self, method: str, rest: list[str], namespace: str, body: Any, kind: str) -> Answer:
        if method == "POST":
            key = (rest[0], namespace, body["metadata"]["name"])
            where = {"namespace": namespace} if namespace else {}
            more = {"uid": f"uid-{self._revision}", "generation": 1}
            self.objects[key] = body | {"metadata": body["metadata"] | where | more}
            return 201, self.objects[key]
        key = (rest[0], namespace, rest[1])
        if key not in self.objects:
            return not_found(*rest[:2])
        if method == "DELETE":
            del self.objects[key]
            return 200, {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        old = self.objects[key]
        new: Object = strategic(old, body) if "strategic" in kind else merge(old, body)
        if new.get("spec") != old.get("spec"):
            new["metadata"] = new["metadata"] | {"generation": old["metadata"].get("generation", 1) + 1}
        self.objects[key] = new
        return 200, new

    def _tell(self) -> None:
        self._revision += 1
        self._changed.notify_all()
