"""A fake API server that holds a snapshot."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from k8s.doctor.fields import namespace
from k8s.doctor.snapshot import Snapshot
from tests.k8s.apiserver import kubeconfig
from tests.k8s.apiserver.discovery import MONITORING, RESOURCES, Resources
from tests.k8s.apiserver.server import FakeApiServer
from tests.k8s.apiserver.serving import serving


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
        yield fake, kubeconfig.write(folder / "kubeconfig", fake.port, "fake", namespace=where)
