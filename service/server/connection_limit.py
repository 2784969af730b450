"""How many connections a worker may hold."""

import resource

MAX_CONNECTIONS = 4096
OTHER_FILES = 128
"""File descriptors for listeners, logs, the model, span export and requests."""


def raise_open_files_limit(threads: int) -> int:
    """Raise the limit of open files as far as allowed; returns the number of connections that fit under it.

    At least ``threads`` + 1, because gunicorn keeps no connection alive otherwise.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MAX_CONNECTIONS + OTHER_FILES
    limit = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
    if soft != resource.RLIM_INFINITY and soft < limit:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    return max(limit - OTHER_FILES, threads + 1)
