"""``python -m dashboards.pictures``: draw two dashboards, with answers of a real Prometheus, into ``docs/``."""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dashboards.pictures import drawing, scenario
from dashboards.queries import dashboards
from tests.e2e.prometheus import Series
from tests.monitoring.live import pace, panels
from tests.monitoring.live.fleet import DRIFTED, OVERLOADED

DOCS = Path(__file__).parents[2] / "docs"
PICTURES = (("cifar10-service", OVERLOADED), ("cifar10-model", DRIFTED))
"""The uid of each dashboard that is drawn, and the namespace that is selected at its top."""
CAPTION = (
    "Drawn with matplotlib (python -m dashboards.pictures). This is not a screenshot of Grafana. "
    "Real servers, real requests and a real Prometheus with this project's rules.\n"
    f"Time windows are {pace.WINDOWS} times shorter than in production, so one second stands for one minute. "
    "The 30 days before were filled in. Red background: a critical alert fires."
)


def tool(name: str, package: str) -> str:
    """The path of a program; if it is missing, exits with the command that installs it."""
    return shutil.which(name) or sys.exit(f"{name} is not installed: sudo apt-get install {package}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m dashboards.pictures", description="Draw two dashboards.")
    parser.add_argument("--out", default=DOCS, type=Path, metavar="DIR", help="where to write (default: docs)")
    out = parser.parse_args().out
    with tempfile.TemporaryDirectory() as folder, scenario.played(tool, Path(folder)) as played:
        for uid, namespace in PICTURES:
            path = out / f"{uid}-{namespace}.png"
            draw(played, uid, namespace, path)
            print(path)


def draw(played: scenario.Played, uid: str, namespace: str, path: Path) -> None:
    times = played.times
    variables = {**panels.chosen(played.prometheus, times[-1]), "namespace": namespace}

    def ask(target: Mapping[str, Any]) -> list[Series]:
        expr = panels.substituted(pace.expression(target["expr"]), variables)
        if target.get("instant"):
            return played.prometheus.instant(expr, times[-1])
        return played.prometheus.range(expr, times[0], times[-1], pace.INTERVAL)

    drawing.save(dashboards()[uid], ask, times, f"namespace {namespace}", CAPTION, path)


if __name__ == "__main__":
    main()
