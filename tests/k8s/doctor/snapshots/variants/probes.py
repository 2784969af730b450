"""Probes that fail, and throttling."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def liveness_by_exit_0() -> Draft:
    """gunicorn ends politely when it is told to."""
    return Draft("liveness-failing").ended(0, "Completed", ran=12, ago=11, restarts=6)


def liveness_port_not_named() -> Draft:
    draft = Draft("readiness-failing").without_events()
    draft.each_container(readinessProbe={"httpGet": {"path": "/", "port": "htp"}, "periodSeconds": 2})
    message = 'Readiness probe errored and resulted in unknown state: strconv.Atoi: parsing "htp": invalid syntax'
    return draft.event("Unhealthy", message, count=50)


def startup_probe_of_wrong_path() -> Draft:
    return drills.killed_by_startup_probe("HTTP probe failed with statuscode: 404")


def flapping() -> Draft:
    return Draft("healthy").event("Unhealthy", f"Readiness probe failed: {drills.TIMEOUT}", count=12, ago=5)


def slow_but_ready() -> Draft:
    draft = Draft("healthy").each_container(resources={"limits": {"cpu": "10m"}})
    return draft.event("Unhealthy", f"Startup probe failed: {drills.TIMEOUT}", count=7, ago=60)


VARIANTS: Drafts = {
    "liveness, ended with 0": ("liveness-failing", liveness_by_exit_0),
    "probe of a port that is not named": ("probe-port-wrong", liveness_port_not_named),
    "startup probe of a wrong path": ("startup-failing", startup_probe_of_wrong_path),
    "readiness fails now and then": ("readiness-flapping", flapping),
    "slow but ready": ("cpu-throttled", slow_but_ready),
}
