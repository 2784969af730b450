"""A real Alertmanager with the shipped configuration, shorter waits, and webhooks that lead to a sink."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests
import yaml

from tests.e2e.prometheus import program
from tests.e2e.server import free_ports
from tests.monitoring.configuration import ALERTMANAGER, read
from tests.monitoring.live import pace
from tests.monitoring.live.sink import Sink


class Alertmanager:
    """Asks the HTTP API of a running Alertmanager."""

    def __init__(self, port: int) -> None:
        self.address = f"127.0.0.1:{port}"

    def post(self, *alerts: dict[str, Any]) -> None:
        """Send alerts, as Prometheus does."""
        requests.post(f"http://{self.address}/api/v2/alerts", json=alerts, timeout=10).raise_for_status()

    def inhibited(self, **labels: str) -> bool:
        """Whether alerts with these labels exist and all of them are inhibited."""
        filters = [f'{name}="{value}"' for name, value in labels.items()]
        found = requests.get(f"http://{self.address}/api/v2/alerts", params={"filter": filters}, timeout=10).json()
        return bool(found) and all(each["status"]["inhibitedBy"] for each in found)


@contextmanager
def running(executable: str, folder: Path, sink: Sink) -> Iterator[Alertmanager]:
    """Alertmanager, until the block ends."""
    port, _ = free_ports()
    configuration = folder / "alertmanager.yml"
    configuration.write_text(yaml.safe_dump(pace.alertmanager(read(ALERTMANAGER), sink.address)))
    arguments = [
        f"--config.file={configuration}",
        f"--storage.path={folder / 'alertmanager'}",
        f"--web.listen-address=127.0.0.1:{port}",
        "--cluster.listen-address=",
        "--log.level=error",
    ]
    alertmanager = Alertmanager(port)
    with program([executable, *arguments], alertmanager.address, "Alertmanager"):
        yield alertmanager
