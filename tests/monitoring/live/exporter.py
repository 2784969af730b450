"""Serves the simulated metrics in Prometheus' text format, each method of the cluster at its own path."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from tests.http_server import Handler, serving
from tests.monitoring.live.cluster import Cluster, Sample


@contextmanager
def exporting(cluster: Cluster) -> Iterator[str]:
    """The exporter's address, within the block."""

    class Exporter(Handler):
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
            with suppress(ConnectionError):  # the scrape timed out
                self.end_headers()
                self.wfile.write(body)

    with serving(Exporter) as port:
        yield f"127.0.0.1:{port}"


def text(samples: Iterable[Sample]) -> str:
    lines = []
    for name, labels, value in samples:
        written = ",".join(f'{key}="{label}"' for key, label in labels.items())
        lines.append(f"{name}{{{written}}} {float(value)}\n")
    return "".join(lines)
