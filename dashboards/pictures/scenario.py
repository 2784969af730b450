"""What the pictures show: servers that work well for a while, then every fault of the live monitoring tests at once."""

import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.prometheus import Prometheus
from tests.monitoring.live import pace, stage, troubles
from tests.monitoring.live.fleet import DRIFTED, OVERLOADED

CALM_SECONDS, TROUBLED_SECONDS = 75, 45
DRAWN_UP = f'min(up{{namespace=~"{OVERLOADED}|{DRIFTED}"}})'
"""The pictures end with the last scrape that both replicas answered."""
HISTORY_SECONDS = 30 * 86_400 / pace.WINDOWS
"""30 days: the window of the error budgets."""
HISTORY_REQUESTS = 20.0
"""Requests per second in each namespace."""
HISTORY_ERRORS = {"availability": 0.001, "latency": 0.003}
"""Share of bad requests by objective: a fifth of the first error budget, a third of the second."""


@dataclass(frozen=True)
class Played:
    """A Prometheus that has scraped the scenario, and the times in seconds since the epoch, one for each scrape."""

    prometheus: Prometheus
    times: Sequence[float]


@contextmanager
def played(tool: Callable[[str, str], str], folder: Path) -> Iterator[Played]:
    """Prometheus answers until the block ends; ``tool`` finds a program by its name and Debian package."""
    promtool = tool("promtool", "prometheus")
    with stage.built(tool, folder) as on:
        write_history(promtool, folder, time.time())
        on.watch.recovered()
        users = [troubles.everyday(each) for each in (on.servers.calm, on.servers.overloaded, on.servers.drifted)]
        with on.watched() as prometheus, troubles.at_once(*((user, troubles.PAUSE, lambda: False) for user in users)):
            start = round(time.time())
            time.sleep(CALM_SECONDS)
            on.pods.ill_since = time.time()
            on.watch.troubled()
            with troubles.trouble(on.servers, over=lambda _: False):
                time.sleep(max(0.0, start + CALM_SECONDS + TROUBLED_SECONDS - time.time()))
                [up] = prometheus.range(DRAWN_UP, start, time.time(), pace.INTERVAL)
            end = max(at for at, value in up.values.items() if value)
            yield Played(prometheus, [at for at in up.values if at <= end])


def write_history(promtool: str, folder: Path, until: float) -> None:
    """Into ``folder / "tsdb"``: request and error rates of the 30 days before ``until``, one for each evaluation."""
    errors = {slo: HISTORY_REQUESTS * share for slo, share in HISTORY_ERRORS.items()}
    times = [until - step * pace.INTERVAL for step in range(round(HISTORY_SECONDS / pace.INTERVAL), 0, -1)]
    lines = []
    for kind, rates in (("requests", dict.fromkeys(errors, HISTORY_REQUESTS)), ("errors", errors)):
        lines.append(f"# TYPE job:cifar10_slo_{kind}:rate5m gauge")
        for namespace in (OVERLOADED, DRIFTED):
            for slo, rate in rates.items():
                labels = f'job="cifar10",namespace="{namespace}",slo="{slo}"'
                lines += [f"job:cifar10_slo_{kind}:rate5m{{{labels}}} {rate:g} {at:.3f}" for at in times]
    file = folder / "history.om"
    file.write_text("\n".join([*lines, "# EOF", ""]))
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(file), str(folder / "tsdb")]
    subprocess.run(command, check=True, capture_output=True)
