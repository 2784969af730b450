"""Stand-ins for a NodePort, a rolling update and ``kubectl rollout status``.

The last two are commands: ``python -m tests.k8s.rollout_check.stand_ins replace|wait-until-closed ARGUMENTS``.
"""

import contextlib
import os
import random
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 128


@contextmanager
def node_port(endpoints: Path, port: int = 0) -> Iterator[int]:
    """A NodePort. Each connection goes to one of the ports that the file ``endpoints`` lists at that moment."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", int(random.choice(endpoints.read_text().split())))) as server:
                back = threading.Thread(target=_forward, args=[server, self.request])
                back.start()
                _forward(self.request, server)
                back.join()

    with _Server(("127.0.0.1", port), Handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy.server_address[1]
        finally:
            proxy.shutdown()
            thread.join()


def _forward(source: socket.socket, sink: socket.socket) -> None:
    """Copy until the source ends, then end the sink."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


def replace(endpoints: str, port: str, old: str) -> None:
    """What a rolling update does: new connections go to the new server, and the old process gets SIGTERM."""
    partial = Path(f"{endpoints}.partial")
    partial.write_text(port)
    partial.replace(endpoints)
    os.kill(int(old), signal.SIGTERM)


def wait_until_closed(port: str) -> None:
    """In place of ``kubectl rollout status``: returns once nothing listens on the port of 127.0.0.1."""
    while _listens(int(port)):
        time.sleep(0.05)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    except ConnectionResetError:  # it closes at this moment
        pass
    return True


if __name__ == "__main__":
    commands: dict[str, Callable[..., None]] = {"replace": replace, "wait-until-closed": wait_until_closed}
    commands[sys.argv[1]](*sys.argv[2:])
