"""Thirty days before the play in which nearly all was well, filled in, or error budgets would mean nothing."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.monitoring.live import pace

SECONDS = 30 * 86_400 / pace.WINDOWS
REQUESTS = 20.0
"""A second, in each namespace."""
ERRORS = {"availability": 0.001, "latency": 0.003}
"""The share of bad requests: a fifth of the one budget, a third of the other."""


def written(promtool: str, folder: Path, until: float, namespaces: Sequence[str]) -> None:
    """Into ``folder / "tsdb"``: the rates that every window of the error budgets is made from."""
    file = folder / "history.om"
    file.write_text(openmetrics(until, namespaces))
    command = [promtool, "tsdb", "create-blocks-from", "openmetrics", str(file), str(folder / "tsdb")]
    subprocess.run(command, check=True, capture_output=True)


def openmetrics(until: float, namespaces: Sequence[str]) -> str:
    """A value for each evaluation of the rules, up to ``until``."""
    lines = []
    moments = [until - number * pace.INTERVAL for number in range(round(SECONDS / pace.INTERVAL), 0, -1)]
    for name, rates in (
        ("job:cifar10_slo_requests:rate5m", dict.fromkeys(ERRORS, REQUESTS)),
        ("job:cifar10_slo_errors:rate5m", {slo: REQUESTS * share for slo, share in ERRORS.items()}),
    ):
        lines.append(f"# TYPE {name} gauge")
        for namespace in namespaces:
            for slo, rate in rates.items():
                series = f'{name}{{job="cifar10",namespace="{namespace}",slo="{slo}"}} {rate:g}'
                lines += [f"{series} {moment:.3f}" for moment in moments]
    return "\n".join([*lines, "# EOF", ""])
