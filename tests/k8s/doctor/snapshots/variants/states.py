"""No fault, or none that is known: what is under way, over, or untold."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def nobody_knows() -> Draft:
    draft = Draft("readiness-failing").without_events().log()
    draft.pod["status"].pop("containerStatuses")
    draft.pod["status"]["phase"] = "Unknown"
    return draft


def just_started() -> Draft:
    """The startup probe finds nothing yet; that is what it is for."""
    draft = Draft("healthy").without_events().running(seconds=4, ready=False, started=False)
    draft.rolling_out("ReplicaSet is progressing.")
    return draft.event("Unhealthy", f"Startup probe failed: {drills.connection_refused()}", count=3, ago=1)


def still_pulling() -> Draft:
    draft = Draft("healthy").without_events().waiting("ContainerCreating")
    draft.pod["status"]["phase"] = "Pending"
    return draft.event("Pulling", 'Pulling image "localhost:5000/cifar-api-cpu:v1"', type="Normal", count=1, ago=40)


def restarted_long_ago() -> Draft:
    draft = Draft("healthy")
    draft.status.update(
        restartCount=1,
        lastState={"terminated": {"exitCode": 1, "reason": "Error", "finishedAt": draft.time(40000)}},
    )
    return draft


def probe_failed_at_first() -> Draft:
    return Draft("healthy").event("Unhealthy", f"Startup probe failed: {drills.connection_refused()}", count=2, ago=129)


VARIANTS: Drafts = {
    "nobody knows": ("unknown", nobody_knows),
    "just started": ("in-progress", just_started),
    "still pulling": ("in-progress", still_pulling),
    "restarted long ago": ("healthy", restarted_long_ago),
    "probe failed at first": ("healthy", probe_failed_at_first),
}
