"""Connections of a worker: how many it may hold, and how they are closed."""

import resource
import socket
import time
from contextlib import suppress

MAX_CONNECTIONS = 4096
OTHER_FILES = 128
"""File descriptors for listeners, logs, the model, span export and requests."""

CLOSE_SECONDS = 2.0
"""How long a client may take to close a connection after the last answer. Closing it at once could reset the
connection, and the client would lose the answer."""


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


def shut_down(sock: socket.socket, how: int) -> None:
    """``shutdown(how)``, also of a socket that is closed already."""
    with suppress(OSError):
        sock.shutdown(how)


def await_close(sock: socket.socket) -> None:
    """End the answer and wait until the client closes, :data:`CLOSE_SECONDS` at most; later reads return at once."""
    end = time.monotonic() + CLOSE_SECONDS
    with suppress(OSError):
        sock.shutdown(socket.SHUT_WR)
        while (remaining := end - time.monotonic()) > 0:
            sock.settimeout(remaining)
            if not sock.recv(1 << 16):
                return
    shut_down(sock, socket.SHUT_RD)
