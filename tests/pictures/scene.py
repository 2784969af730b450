"""What the pictures show: a while in which all is well, then everything that can go wrong at once, as in the rig."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.e2e.prometheus import Prometheus
from tests.monitoring.live import pace, stage, troubles
from tests.monitoring.live.fleet import CALM, DRIFTED, LATE, OVERLOADED, ROLLOUT, Fleet
from tests.pictures import history
from tests.pictures.panel import Window

CALM_SECONDS, TROUBLED_SECONDS = 75.0, 45.0


@dataclass(frozen=True)
class Scene:
    """A Prometheus that has seen it, and when it was."""

    prometheus: Prometheus
    window: Window


@contextmanager
def played(tool: Callable[[str, str], str], folder: Path) -> Iterator[Scene]:
    """Prometheus can be asked about it until the block ends; ``tool`` finds programs, by name and Debian package."""
    promtool = tool("promtool", "prometheus")
    with stage.built(tool, folder) as on:
        history.written(promtool, folder, time.time(), (CALM, OVERLOADED, LATE, DRIFTED, ROLLOUT))
        on.watch.recovered()
        with on.watched() as prometheus, everyday(on.servers):
            began = time.time()
            time.sleep(CALM_SECONDS)
            on.pods.ill_since = time.time()
            on.watch.troubled()
            with troubles.trouble(on.servers, over=lambda _: False):
                time.sleep(max(0.0, on.pods.ill_since + TROUBLED_SECONDS - time.time()))
                ended = time.time()
            yield Scene(prometheus, Window(began, ended, pace.INTERVAL))


@contextmanager
def everyday(servers: Fleet) -> Iterator[None]:
    """What goes on all the time, trouble or not."""
    wanted = (servers.calm, servers.overloaded, servers.drifted)
    with troubles.at_once(*((troubles.everyday(each), troubles.PAUSE, lambda: False) for each in wanted)):
        yield
