"""The sequence that the tests examine: all problems begin, every alert fires, the problems end, the alerts end."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.e2e.prometheus import Prometheus
from tests.monitoring.live import pace, stage, troubles
from tests.monitoring.live.expected import Alert, alerts
from tests.monitoring.live.sink import Sink

LONGEST_SECONDS = 240.0
"""Maximum for each wait."""


@dataclass
class Play:
    """Prometheus after the sequence, and the notifications that were delivered."""

    prometheus: Prometheus
    sink: Sink
    alerts: list[Alert]
    began: float
    troubled: tuple[float, float] = (0.0, 0.0)
    """Begin and end of the problems."""
    ended: float = 0.0
    traces: set[str] = field(default_factory=set)
    """Trace ids that the collector of the calm server received."""
    rules: list[dict[str, Any]] = field(default_factory=list)
    """The rules' state at the end of the problems."""

    fired: set[str] = field(default_factory=set)
    """Names of the alerts that have fired in their namespace."""

    def look(self, at: float | None = None) -> list[Alert]:
        """The alerts that fire now, or at a time."""
        now = [each.labels for each in self.prometheus.instant('ALERTS{alertstate="firing"}', at)]
        firing = [alert for alert in self.alerts if any(alert.labels.items() <= labels.items() for labels in now)]
        self.fired |= {alert.name for alert in firing}
        return firing

    def all_fired(self, namespace: str | None = None) -> bool:
        wanted = [alert for alert in self.alerts if namespace is None or alert.labels.get("namespace") == namespace]
        return all(alert.name in self.fired for alert in wanted)

    def states(self, alert: Alert) -> dict[str, list[float]]:
        """Times at which it was pending and firing."""
        series = self.prometheus.range(alert.selector(), self.began, self.ended, pace.INTERVAL)
        found: dict[str, list[float]] = {"pending": [], "firing": []}
        for each in series:
            found[each.labels["alertstate"]] += each.values
        return found

    def delivered(self, alert: Alert, status: str) -> bool:
        return alert.receiver is None or bool(self.sink.received(status, **alert.labels))


@contextmanager
def performed(tool: Callable[[str, str], str], folder: Path) -> Iterator[Play]:
    """Run the play; Prometheus can be queried within the block."""
    with stage.built(tool, folder) as on, on.watched() as prometheus:
        play = Play(prometheus, on.webhook, alerts(), began=time.time())
        with troubles.calm(on.servers):
            with troubles.trouble(on.servers, over=play.all_fired):
                on.webhook.refusing = True
                on.pods.ill_since = begun = time.time()
                _wait(lambda: play.look() and play.all_fired())
                _wait(lambda: all(play.delivered(each, "firing") for each in play.alerts if not each.held))
                play.troubled = (begun, time.time())
                play.rules = prometheus.rules()
            on.pods.ill_since = None
            on.watch.recovered()
            troubles.correct(on.servers.drifted)
            _wait(lambda: not any(each.ends for each in play.look()))
            _wait(lambda: all(play.delivered(each, "resolved") for each in play.alerts if each.ends))
            _wait(lambda: all(play.delivered(each, "firing") for each in play.alerts))
            # Two evaluations ago, so that the stored series show it too.
            _wait(lambda: not any(each.ends for each in play.look(time.time() - 2 * pace.INTERVAL)))
        play.ended = time.time()
        play.traces = {span.trace_id.hex() for span in on.collector.spans}
        yield play


def _wait(condition: Callable[[], object]) -> None:
    """Wait until the condition holds, or until the time is over; the tests then report what is missing."""
    end = time.monotonic() + LONGEST_SECONDS
    while not condition() and time.monotonic() < end:
        time.sleep(0.5)
