"""Containers that end, and probes that fail."""

from tests.k8s.doctor.snapshots import drills
from tests.k8s.doctor.snapshots.draft import Draft, Drafts


def exit_3_without_log() -> Draft:
    draft = Draft("crash-wrong-entry").without_events("Unhealthy").ended(3, "Error").log_each_time()
    return draft.each_container(command=["gunicorn", "nope:app"])


def exit_4() -> Draft:
    return (
        Draft("crash-wrong-entry")
        .ended(4, "Error")
        .log_each_time(
            "[2026-11-23 09:50:01 +0000] [7] [ERROR] Failed to find attribute 'ap' in 'service.app'.",
            "[2026-11-23 09:50:01 +0000] [1] [ERROR] Reason: App failed to load.",
        )
    )


def port_taken() -> Draft:
    return Draft("crash-wrong-entry").ended(1, "Error").log_each_time("[ERROR] Connection in use: ('0.0.0.0', 8000)")


def bad_flag() -> Draft:
    return (
        Draft("crash-wrong-entry")
        .ended(2, "Error")
        .log_each_time("usage: gunicorn [OPTIONS] [APP_MODULE]", "gunicorn: error: unrecognized arguments: --worker 2")
    )


def exit_0() -> Draft:
    return Draft("crash-wrong-entry").ended(0, "Completed").log_each_time()


def shell_finds_nothing() -> Draft:
    return Draft("crash-wrong-entry").ended(127, "Error").log_each_time("sh: 1: gunicron: not found")


def segmentation_fault() -> Draft:
    return Draft("crash-wrong-entry").ended(139, "Error").log_each_time()


def worker_killed() -> Draft:
    draft = Draft("crash-wrong-entry").without_events("Unhealthy").ended(137, "Error", ran=1)
    return draft.log_each_time("[ERROR] Worker (pid:7) was sent SIGKILL! Perhaps out of memory?")


def killed_by_nobody_known() -> Draft:
    draft = Draft("crash-wrong-entry").without_events().ended(137, "Error", ran=1).log_each_time()
    return draft.each_container(livenessProbe={}, startupProbe={})


def liveness_by_exit_0() -> Draft:
    """gunicorn exits with 0 on SIGTERM."""
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
    "exit 3, no log": ("gunicorn-app-not-loaded", exit_3_without_log),
    "exit 4": ("gunicorn-app-not-loaded", exit_4),
    "port taken": ("port-in-use", port_taken),
    "bad flag": ("command-line-refused", bad_flag),
    "exit 0": ("container-completed", exit_0),
    "exit 127 of a shell": ("executable-not-found", shell_finds_nothing),
    "segmentation fault": ("application-crashed", segmentation_fault),
    "worker killed": ("out-of-memory", worker_killed),
    "killed by nobody known": ("killed", killed_by_nobody_known),
    "liveness, ended with 0": ("liveness-failing", liveness_by_exit_0),
    "probe of a port that is not named": ("probe-port-wrong", liveness_port_not_named),
    "startup probe of a wrong path": ("startup-failing", startup_probe_of_wrong_path),
    "readiness fails now and then": ("readiness-flapping", flapping),
    "slow but ready": ("cpu-throttled", slow_but_ready),
}
