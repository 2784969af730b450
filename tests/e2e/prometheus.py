"""A real Prometheus that scrapes a server's ops port every second and keeps exemplars."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests

from tests.e2e.server import eventually, free_ports

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: cifar10
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


class Prometheus:
    """Asks the HTTP API of a running Prometheus."""

    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}"

    def ready(self) -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"{self._url}/-/ready", timeout=10).status_code == 200
        return False

    def value(self, query: str) -> float | None:
        """The value of a query that has one result."""
        found = self._get("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None

    def exemplars(self, query: str, start: float, end: float) -> set[str]:
        """Trace ids of the exemplars of all series that match."""
        found = self._get("query_exemplars", query=query, start=start, end=end)
        return {each["labels"]["trace_id"] for series in found for each in series["exemplars"]}

    def _get(self, path: str, **parameters: object) -> Any:
        return requests.get(f"{self._url}/api/v1/{path}", params=parameters, timeout=10).json()["data"]  # type: ignore[arg-type]


@contextmanager
def scraping(executable: str, folder: Path, port: int) -> Iterator[Prometheus]:
    """Prometheus, until the block ends; ``port`` is where the server's metrics are."""
    own, _ = free_ports()
    (folder / "prometheus.yml").write_text(CONFIGURATION.format(port=port))
    arguments = [
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        f"--web.listen-address=127.0.0.1:{own}",
        "--enable-feature=exemplar-storage",
        "--log.level=error",
    ]
    process = subprocess.Popen([executable, *arguments], stdin=subprocess.DEVNULL)
    try:
        prometheus = Prometheus(own)
        eventually(prometheus.ready, within=60, what="Prometheus' readiness")
        yield prometheus
    finally:
        process.kill()
        process.wait()
