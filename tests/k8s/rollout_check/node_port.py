"""A stand-in for a NodePort: each new connection goes to an endpoint of that moment, and stays there to its end."""

import contextlib
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    request_queue_size = 128


@contextmanager
def running(endpoints: Path, port: int = 0) -> Iterator[int]:
    """Its port; ``endpoints`` is a file with the ports of the servers that new connections go to."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", int(random.choice(endpoints.read_text().split())))) as server:
                back = threading.Thread(target=forward, args=[server, self.request])
                back.start()
                forward(self.request, server)
                back.join()

    with _Server(("127.0.0.1", port), Handler) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy.server_address[1]
        finally:
            proxy.shutdown()
            thread.join()


def forward(source: socket.socket, sink: socket.socket) -> None:
    """To the end of the source, which is the sink's end too."""
    with contextlib.suppress(OSError):
        while data := source.recv(1 << 16):
            sink.sendall(data)
    with contextlib.suppress(OSError):
        sink.shutdown(socket.SHUT_WR)
