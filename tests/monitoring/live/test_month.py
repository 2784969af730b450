"""Windows of thirty days, over a backfilled month, with the shipped rules and durations."""

import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml

from dashboards.queries import queries
from tests.e2e import prometheus
from tests.e2e.prometheus import Prometheus
from tests.e2e.server import eventually
from tests.monitoring.configuration import RULES, read
from tests.monitoring.live import panels

DAY, STEP = 86_400, 300
REQUESTS = 20.0
ERRORS = {"availability": 0.001, "latency": 0.005}
"""Share of bad requests during the month: a fifth of the availability budget, half of the latency budget."""


@pytest.fixture(scope="module")
def month(require_tool: Callable[[str, str], str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Prometheus]:
    promtool, executable = require_tool("promtool", "prometheus"), require_tool("prometheus", "prometheus")
    folder = tmp_path_factory.mktemp("month")
    (folder / "month.om").write_text(openmetrics(time.time()))
    # Without a limit promtool creates a block for every two hours.
    command = [promtool, "tsdb", "create-blocks-from", "--max-block-duration=744h", "openmetrics"]
    subprocess.run([*command, str(folder / "month.om"), str(folder / "tsdb")], check=True, capture_output=True)
    with prometheus.running(
        executable, configuration(folder), folder / "tsdb", "--storage.tsdb.retention.time=60d"
    ) as month:
        left = "count(job:cifar10_slo_error_budget_remaining:ratio)"
        eventually(lambda: month.value(left) == len(ERRORS), within=100, what="the error budgets")
        yield month


def openmetrics(now: float) -> str:
    """The recorded rates that the longer windows are computed from, until now."""
    lines = []
    moments = range(int(now) - 31 * DAY, int(now) + 1, STEP)
    for name, rates in (
        ("job:cifar10_slo_requests:rate5m", dict.fromkeys(ERRORS, REQUESTS)),
        ("job:cifar10_slo_errors:rate5m", {slo: REQUESTS * share for slo, share in ERRORS.items()}),
    ):
        lines.append(f"# TYPE {name} gauge")
        for slo, rate in rates.items():
            lines += [f'{name}{{job="cifar10",namespace="month",slo="{slo}"}} {rate} {moment}' for moment in moments]
    return "\n".join([*lines, "# EOF", ""])


def configuration(folder: Path) -> Path:
    """No targets; the shipped rules, evaluated every second."""
    (folder / "rules").mkdir()
    for path in RULES:
        shipped = read(path)
        for group in shipped["groups"]:
            group.pop("interval", None)
        (folder / "rules" / path.name).write_text(yaml.safe_dump(shipped))
    file = folder / "prometheus.yml"
    file.write_text("global: {evaluation_interval: 1s}\nrule_files: [rules/*.yaml]\n")
    return file


@pytest.mark.parametrize(("slo", "left"), [("availability", 0.8), ("latency", 0.5)])
def test_the_budget_that_is_left_is_that_of_thirty_days(month: Prometheus, slo: str, left: float) -> None:
    value = month.value(f'job:cifar10_slo_error_budget_remaining:ratio{{slo="{slo}"}}')
    assert value == pytest.approx(left, abs=0.001)


@pytest.mark.parametrize("window", ["30m", "1h", "2h", "6h", "1d", "3d", "30d"])
def test_every_window_sees_the_same_share(month: Prometheus, window: str) -> None:
    found = {
        each.labels["slo"]: each.last
        for each in month.instant(f"job:cifar10_slo_errors_per_request:ratio_rate{window}")
    }
    assert found == pytest.approx(ERRORS)


def test_the_error_budget_board_shows_the_month(month: Prometheus) -> None:
    now = time.time()
    asked = [each for each in queries() if "30d" in each.expr or "budget_remaining" in each.expr]
    assert asked
    for query in asked:
        expr = panels.substituted(query.expr, {"namespace": ".*", "job": "cifar10.*", "pod": ".*"})
        assert month.instant(expr, now), expr
