"""How many connections may be open at once."""

import resource

WANTED = 4096
_OTHER_FILES = 128
"""File descriptors for listeners, logs, the model, spans and whatever a request opens."""


def allow(threads: int) -> int:
    """Raise the limit of open files as far as it is allowed to, and say how many connections fit under it.

    More than ``threads`` at least, since gunicorn keeps none alive otherwise.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = WANTED + _OTHER_FILES
    wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    available = WANTED if soft == resource.RLIM_INFINITY else min(WANTED, soft - _OTHER_FILES)
    return max(available, threads + 1)
