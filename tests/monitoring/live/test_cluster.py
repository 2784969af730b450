import subprocess
from collections.abc import Callable

import pytest

from tests.monitoring.live.cluster import PODS, Cluster
from tests.monitoring.live.exporter import text
from tests.monitoring.metrics import OF_OTHERS

PREFIXES = ("kube_", "container_")


def told(cluster: Cluster) -> set[str]:
    return {name for tell in (cluster.state, cluster.usage) for name, _, _ in tell()}


def test_the_stand_in_tells_what_is_asked_and_nothing_else() -> None:
    asked = {name for name in OF_OTHERS if name.startswith(PREFIXES)}
    assert told(Cluster({"calm": "pod"}, ill_since=0.0)) == asked


@pytest.mark.parametrize("ill", [False, True])
def test_it_tells_everything_once(ill: bool) -> None:
    cluster = Cluster({"calm": "pod"}, ill_since=0.0 if ill else None)
    for tell in (cluster.state, cluster.usage):
        series = [(name, *sorted(labels.items())) for name, labels, _ in tell()]
        assert len(series) == len(set(series))


def test_promtool_can_read_it(require_tool: Callable[[str, str], str]) -> None:
    promtool = require_tool("promtool", "prometheus")
    told = text(Cluster({"calm": "pod"}, ill_since=0.0).state())
    done = subprocess.run([promtool, "check", "metrics"], input=told, capture_output=True, text=True)
    assert "error while linting" not in done.stderr


def test_a_healthy_cluster_has_no_pod_in_trouble() -> None:
    troubles = {"kube_pod_container_status_waiting_reason", "kube_pod_status_unschedulable"}
    assert not troubles & told(Cluster({"calm": "pod"}))
    assert len(PODS) == len(set(PODS))
