"""Containers that end: by themselves, or by a signal."""

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
}
