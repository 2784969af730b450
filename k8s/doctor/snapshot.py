"""The data of a cluster, and its format as a folder of files."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from k8s.doctor.fields import Json, kind, listed, moment, number
from k8s.doctor.logs import Logs

OBJECTS, EVENTS, NODES, ABOUT = "objects.json", "events.json", "nodes.json", "about.json"
LOGS, PREVIOUS = "logs.txt", "logs-previous.txt"

_SENSITIVE = re.compile(r"passw|secret|token|key|credential|auth|private|dsn|url", re.IGNORECASE)
MASK = "***"


EPOCH = datetime.fromtimestamp(0, UTC)


class SnapshotError(Exception):
    """The folder contains no readable data."""


@dataclass(frozen=True)
class Snapshot:
    """Objects, events and logs at one time."""

    items: Sequence[Json] = ()
    events: Sequence[Json] = ()
    logs: Logs = field(default_factory=Logs)
    previous: Logs = field(default_factory=Logs)
    now: datetime = EPOCH
    read: frozenset[str] = frozenset()
    """Kinds that were read completely, so that an object that is not here does not exist."""
    unread: Sequence[str] = ()
    """Messages about data that could not be read."""


def load(folder: Path) -> Snapshot:
    """Read a folder made by :func:`save` or ``kubectl ... -o json``. Some of the files may be missing."""
    about = _object(folder / ABOUT)
    nodes = _items(folder / NODES) or _items(folder.parent / NODES)
    items = [*_items(folder / OBJECTS), *nodes]
    events = [*_items(folder / EVENTS), *(each for each in items if kind(each) == "Event")]
    items = [each for each in items if kind(each) != "Event"]
    logs, previous = Logs.parse(_content(folder / LOGS)), Logs.parse(_content(folder / PREVIOUS))
    if not (items or events or logs or previous):
        raise SnapshotError(f"{folder} has no {OBJECTS}, {EVENTS}, {LOGS} or {PREVIOUS} that can be read")
    read = {str(each) for each in about.get("read") or []} | {kind(each) for each in items}
    made = [number(each, "status", "replicas") for each in items if kind(each) in ("Deployment", "ReplicaSet")]
    if made and not any(made):
        read.add("Pod")  # the controllers report no pods
    if (folder / EVENTS).exists():
        read.add("Event")
    unread = [str(each) for each in about.get("unread") or []]
    now = moment(about.get("time")) or latest([*items, *events])
    return Snapshot(items, events, logs, previous, now, frozenset(read), unread)


def save(snapshot: Snapshot, folder: Path) -> None:
    """Write the snapshot to a folder; values that look secret are masked."""
    folder.mkdir(parents=True, exist_ok=True)
    items = [item for item in snapshot.items if kind(item) != "Secret"]
    nodes = [each for each in items if kind(each) == "Node"]
    others = [each for each in items if kind(each) != "Node"]
    for name, some in ((OBJECTS, others), (NODES, nodes), (EVENTS, list(snapshot.events))):
        content = {"apiVersion": "v1", "kind": "List", "items": [masked(each) for each in some]}
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    about = {"time": snapshot.now.isoformat(), "read": sorted(snapshot.read), "unread": list(snapshot.unread)}
    (folder / ABOUT).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    (folder / LOGS).write_text(snapshot.logs.dump(), encoding="utf-8")
    (folder / PREVIOUS).write_text(snapshot.previous.dump(), encoding="utf-8")


def masked(value: Any) -> Any:
    """A copy without secrets, and without fields that a diagnosis does not need."""
    if isinstance(value, list):
        return [masked(each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if isinstance(value.get("value"), str) and _SENSITIVE.search(str(value.get("name"))):
        value = {**value, "value": MASK}
    if value.get("kind") == "ConfigMap":
        value = {**value, **{key: dict.fromkeys(value.get(key) or {}, MASK) for key in ("data", "binaryData")}}
    return {
        key: masked(each)
        for key, each in value.items()
        if key not in ("managedFields", "kubectl.kubernetes.io/last-applied-configuration")
    }


def latest(objects: Sequence[Json]) -> datetime:
    """The latest time in the objects, as an estimate of when they were read."""
    return max(_times(list(objects)), default=EPOCH)


def _times(value: Any, key: str = "") -> Iterator[datetime]:
    if isinstance(value, Mapping):
        for name, each in value.items():
            # The deletionTimestamp of a pod is in the future.
            if name not in ("managedFields", "deletionTimestamp", "annotations", "renewTime"):
                yield from _times(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _times(each, key)
    elif key.endswith(("At", "Time", "Timestamp")) and (found := moment(value)):
        yield found


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _object(path: Path) -> dict[str, Any]:
    try:
        parsed = json.loads(_content(path) or "{}")
    except ValueError:
        return {}
    return parsed if isinstance(parsed, dict) else {}


def _items(path: Path) -> list[Json]:
    """The objects of a list, or the single object of the file."""
    parsed = _object(path)
    return listed(parsed, "items") if "items" in parsed else [parsed] if parsed else []
