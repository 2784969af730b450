"""What a play is performed on: real servers, a stand-in for the cluster, and everything that watches them."""

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
    """Everything runs but Prometheus, which begins to watch with :meth:`watched`."""

    servers: Fleet
    pods: Cluster
    watch: Watch
    collector: otlp_sink.Sink
    webhook: sink.Sink
    prometheus: str
    """The program."""
    folder: Path

    @contextmanager
    def watched(self) -> Iterator[Prometheus]:
        """Prometheus, once it has seen every replica."""
        with fleet.watching(self.prometheus, self.watch, self.folder) as prometheus:
            yield prometheus


@contextmanager
def built(tool: Callable[[str, str], str], folder: Path) -> Iterator[Stage]:
    """The stage, until the block ends; ``tool`` finds programs, by name and Debian package."""
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
