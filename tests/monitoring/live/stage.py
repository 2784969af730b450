"""The environment of a play: real servers, simulated cluster metrics, Prometheus and Alertmanager."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests import otlp_sink
from tests.e2e.prometheus import Prometheus
from tests.monitoring.live import alertmanager, fleet, sink
from tests.monitoring.live.cluster import Cluster
from tests.monitoring.live.exporter import exporting
from tests.monitoring.live.fleet import CALM, CALM_POD, Fleet, Watch


@dataclass(frozen=True)
class Stage:
    """Everything runs except Prometheus, which :meth:`watched` starts."""

    servers: Fleet
    pods: Cluster
    watch: Watch
    collector: otlp_sink.Sink
    webhook: sink.Sink
    prometheus: str
    """Path of the program."""
    folder: Path

    @contextmanager
    def watched(self) -> Iterator[Prometheus]:
        """Prometheus, once it has scraped every replica."""
        with fleet.watching(self.prometheus, self.watch, self.folder) as prometheus:
            yield prometheus


@contextmanager
def built(tool: Callable[[str, str], str], folder: Path) -> Iterator[Stage]:
    """The environment, within the block; ``tool(name, package)`` finds programs."""
    prometheus = tool("prometheus", "prometheus")
    delivering = tool("prometheus-alertmanager", "prometheus-alertmanager")
    pods = Cluster({CALM: CALM_POD})
    with (
        otlp_sink.running() as collector,
        sink.listening() as webhook,
        exporting(pods) as cluster,
        alertmanager.running(delivering, folder, webhook) as delivery,
        fleet.started(folder, collector.endpoint) as servers,
    ):
        watch = Watch(folder, servers, cluster, delivery.address)
        yield Stage(servers, pods, watch, collector, webhook, prometheus, folder)
