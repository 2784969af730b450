"""A stand-in for a NodePort: each new connection goes to the endpoint of that moment, and stays there to its end."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer


@contextmanager
def running(endpoint: Path) -> Iterator[int]:
    """Its port; ``endpoint`` is a file with the port of the server that new connections go to."""

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection(("127.0.0.1", int(endpoint.read_text()))) as server:
                back = threading.Thread(target=forward, args=[server, self.request])
                back.start()
                forward(self.request, server)
                back.join()

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as proxy:
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
