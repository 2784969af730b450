"""The operations server: metrics and probes on a port and threads of their own.

Prometheus can scrape the server and the kubelet can probe it even if every request thread is busy.
"""

import socket
import threading
from typing import Any

from flask import Flask
from waitress.server import create_server

_THREADS = 2


def bind(host: str, port: int) -> socket.socket:
    """A listening socket for :func:`serve`; raises ``OSError`` if the port is in use or not permitted."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError:
        listener.close()
        raise
    listener.listen(64)
    return listener


def serve(app: Flask, listener: socket.socket) -> threading.Thread:
    """Serve the app on the listener until the process ends."""
    server: Any = create_server(
        app,
        sockets=[listener],
        threads=_THREADS,
        ident=None,
        asyncore_use_poll=True,  # select() cannot handle file descriptors above 1023
        channel_timeout=10,
        max_request_body_size=1 << 16,
    )
    thread = threading.Thread(target=server.run, name="ops", daemon=True)
    thread.start()
    return thread
