"""A real Prometheus that scrapes a server's ops port every second and keeps exemplars."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import requests

from tests.e2e.server import eventually, free_ports

CONFIGURATION = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: cifar10
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


class Series(NamedTuple):
    """One result of a query, with its values by time."""

    labels: dict[str, str]
    values: dict[float, float]

    @property
    def last(self) -> float:
        return self.values[max(self.values)]


class Point(NamedTuple):
    """A value at a moment, in seconds since the epoch."""

    at: float
    value: float


class Prometheus:
    """A client of Prometheus' HTTP API."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"

    def value(self, query: str) -> float | None:
        """The value of a query that has one result."""
        found = self._get("query", query=query)["result"]
        return float(found[0]["value"][1]) if found else None

    def instant(self, query: str, at: float | None = None) -> list[Series]:
        """Every result of a query, now or at a moment."""
        when = {} if at is None else {"time": at}
        found = self._get("query", query=query, **when)["result"]
        return [Series(each["metric"], {float(each["value"][0]): float(each["value"][1])}) for each in found]

    def range(self, query: str, start: float, end: float, step: float) -> list[Series]:
        """Every result of a query with a value for each step that has one."""
        found = self._get("query_range", query=query, start=start, end=end, step=step)["result"]
        return [Series(each["metric"], {float(at): float(value) for at, value in each["values"]}) for each in found]

    def exemplars(self, query: str, start: float, end: float) -> set[str]:
        """Trace ids of the exemplars of all series that match."""
        return {each["labels"]["trace_id"] for each in self._exemplars(query, start, end)}

    def exemplar_points(self, query: str, start: float, end: float) -> list[Point]:
        """Where a graph shows the exemplars of all series that match."""
        return [Point(float(each["timestamp"]), float(each["value"])) for each in self._exemplars(query, start, end)]

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with its health, and the alerts of it that are pending or firing."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def _exemplars(self, query: str, start: float, end: float) -> Iterator[Any]:
        for series in self._get("query_exemplars", query=query, start=start, end=end):
            yield from series["exemplars"]

    def _get(self, path: str, **parameters: object) -> Any:
        answer = requests.get(f"http://{self.address}/api/v1/{path}", params=parameters, timeout=30).json()  # type: ignore[arg-type]
        assert answer["status"] == "success", f"{parameters}: {answer}"
        return answer["data"]


@contextmanager
def program(command: list[str], address: str, name: str) -> Iterator[None]:
    """Run a program that listens at ``address``; the block starts when it is ready."""

    def ready() -> bool:
        with suppress(requests.RequestException):
            return requests.get(f"http://{address}/-/ready", timeout=10).status_code == 200
        return False

    process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    try:
        eventually(ready, within=60, what=f"the readiness of {name}")
        yield
    finally:
        process.kill()
        process.wait()


@contextmanager
def running(executable: str, configuration: Path, data: Path, *arguments: str) -> Iterator[Prometheus]:
    """Prometheus with a configuration file, until the block ends."""
    port, _ = free_ports()
    given = [
        f"--config.file={configuration}",
        f"--storage.tsdb.path={data}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--enable-feature=exemplar-storage",
        "--log.level=error",
        *arguments,
    ]
    prometheus = Prometheus(port)
    with program([executable, *given], prometheus.address, "Prometheus"):
        yield prometheus


@contextmanager
def scraping(executable: str, folder: Path, port: int) -> Iterator[Prometheus]:
    """Prometheus, until the block ends; ``port`` is where the server's metrics are."""
    configuration = folder / "prometheus.yml"
    configuration.write_text(CONFIGURATION.format(port=port))
    with running(executable, configuration, folder / "tsdb") as prometheus:
        yield prometheus
