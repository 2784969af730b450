"""Serves what the stand-in for a cluster tells, each of its methods at a path of its own, in Prometheus' format."""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.monitoring.live.cluster import Cluster, Sample


@contextmanager
def exporting(cluster: Cluster) -> Iterator[str]:
    """Its address, until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                body = text(getattr(cluster, self.path.removeprefix("/"))()).encode()
            except TimeoutError:
                with suppress(ConnectionError):
                    self.send_error(503)
                return
            self.send_response(200)
            self.send_header("Content-Type", "text/plain; version=0.0.4")
            self.send_header("Content-Length", str(len(body)))
            with suppress(ConnectionError):  # a scrape that was given up
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def text(samples: Iterable[Sample]) -> str:
    lines = []
    for name, labels, value in samples:
        written = ",".join(f'{key}="{label}"' for key, label in labels.items())
        lines.append(f"{name}{{{written}}} {float(value)}\n")
    return "".join(lines)
