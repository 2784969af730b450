"""``python -m tests.k8s.doctor.confusion``: the expected and the actual cause of every snapshot."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from k8s.doctor.cluster import Cluster
from k8s.doctor.diagnosis import diagnose
from k8s.doctor.logs import Logs
from k8s.doctor.snapshot import Snapshot
from tests.k8s.doctor import snapshots
from tests.k8s.doctor.snapshots.draft import Draft
from tests.k8s.doctor.snapshots.lookalikes import LOOKALIKES
from tests.k8s.doctor.snapshots.texts import PULLS, STARTS
from tests.k8s.doctor.snapshots.variants import VARIANTS

Case = tuple[str, str, Callable[[], Snapshot]]
"""Name, expected cause, and builder of the snapshot."""


def main() -> int:
    got: Counter[tuple[str, str]] = Counter()
    sets: Counter[tuple[str, bool]] = Counter()
    slowest = 0.0
    for group, cases in groups().items():
        for what, expected, build in cases:
            snapshot = build()
            started = time.perf_counter()
            found = diagnose(Cluster(snapshot))
            slowest = max(slowest, time.perf_counter() - started)
            cause = found[0].verdict.cause if found else "nothing"
            got[expected, cause] += 1
            sets[group, cause == expected] += 1
            if cause != expected:
                print(f"{group}: {what}: expected {expected}, got {cause}")
    print("\n".join(_table(got)))
    for group in groups():
        right, wrong = sets[group, True], sets[group, False]
        print(f"{group}: {right} of {right + wrong} right")
    print(f"slowest diagnosis: {slowest:.2f} s")
    return 0 if all(expected == cause for expected, cause in got) else 1


def groups() -> dict[str, list[Case]]:
    return {
        "recordings": [(name, cause, partial(snapshots.named, name)) for name, cause in snapshots.RECORDED.items()],
        "drills not recorded": [
            (name, cause, partial(snapshots.named, name))
            for name, cause in snapshots.DRILLS.items()
            if name not in snapshots.RECORDED
        ],
        "variants": [(name, cause, _made(build)) for name, (cause, build) in VARIANTS.items()],
        "lookalikes": [(name, cause, _made(build)) for name, (cause, build) in LOOKALIKES.items()],
        "other words": list(_worded()),
        "recordings without logs": [
            (name, cause, partial(_without, name, logs=Logs(), previous=Logs()))
            for name, cause in snapshots.RECORDED.items()
        ],
        "recordings without events": [
            (name, cause, partial(_without, name, events=[])) for name, cause in snapshots.RECORDED.items()
        ],
    }


def _made(build: Callable[[], Draft]) -> Callable[[], Snapshot]:
    return lambda: build().snapshot()


def _without(name: str, **changes: object) -> Snapshot:
    return replace(snapshots.named(name), **changes)  # type: ignore[arg-type]


def _worded() -> Iterator[Case]:
    for message, cause in PULLS.items():
        yield message, cause, partial(_pull, message)
    for message, cause in STARTS.items():
        yield message, cause, partial(_start, message)


def _pull(message: str) -> Snapshot:
    draft = Draft("image-tag-not-found").without_events()
    return draft.waiting("ImagePullBackOff", f'Back-off pulling image "web:v9": ErrImagePull: {message}').snapshot()


def _start(message: str) -> Snapshot:
    draft = Draft("crash-missing-executable").without_events()
    return draft.ended(128, "StartError", message=message).snapshot()


def _table(got: Counter[tuple[str, str]]) -> Iterator[str]:
    yield "| expected | got | times |"
    yield "|---|---|---:|"
    for (expected, cause), times in sorted(got.items()):
        yield f"| {expected} | {cause if cause != expected else '='} | {times} |"


if __name__ == "__main__":
    sys.exit(main())
