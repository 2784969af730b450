"""Snapshots of clusters with a known fault: recordings, and changed copies of recordings.

``named(drill)`` is the snapshot of any drill of k8s/faults, ``RECORDED`` are the recordings as they are.
"""

from k8s.doctor.snapshot import Snapshot, load
from tests.k8s.doctor.snapshots.draft import RECORDINGS
from tests.k8s.doctor.snapshots.drills import BUILT

RECORDED = {
    "config-map-missing": "config-missing",
    "crash-exit-78-bad-config": "setting-refused",
    "crash-missing-executable": "executable-not-found",
    "crash-wrong-entry": "application-crashed",
    "crash-wrong-entry-early": "application-crashed",
    "evicted-empty-dir": "evicted",
    "healthy": "healthy",
    "image-invalid-name": "image-name-invalid",
    "image-never-pull": "image-not-present",
    "image-registry-unreachable": "registry-unreachable",
    "image-tag-not-found": "image-not-found",
    "image-tag-not-found-early": "image-not-found",
    "liveness-failing": "liveness-failing",
    "oom-killed": "out-of-memory",
    "oom-killed-early": "out-of-memory",
    "pod-security-rejected": "pod-security-rejected",
    "readiness-failing": "readiness-failing",
    "run-as-non-root": "user-not-numeric",
    "service-wrong-target-port": "service-port-wrong",
    "unschedulable-cpu": "unschedulable",
}
"""Cause by recording."""

DRILLS = {**RECORDED, **{name: cause for name, (cause, _) in BUILT.items()}}
"""Cause by drill, the recorded ones included."""


def named(drill: str) -> Snapshot:
    """The snapshot of a drill. Raises ``KeyError`` for an unknown name."""
    if drill in RECORDED:
        return load(RECORDINGS / drill)
    return BUILT[drill][1]().snapshot()
