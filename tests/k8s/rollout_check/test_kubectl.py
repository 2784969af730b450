"""The real kubectl, against a fake cluster."""

import pytest

from tests.k8s.rollout_check import fake, fake_cluster
from tests.k8s.rollout_check.fake_cluster import NAME, Cluster
from tests.k8s.rollout_check.tool import rollout_check

pytestmark = pytest.mark.usefixtures("config")


def test_a_restart_is_watched_until_the_rollout_is_complete(kubectl: str) -> None:
    def roll_out(cluster: Cluster) -> None:
        assert cluster.watched.wait(60)
        cluster.progress(updated=1, replicas=3, available=2)
        cluster.progress(updated=2, replicas=3, available=3)
        cluster.progress(updated=2, replicas=2, available=2)

    with fake.running(lambda _: fake.prediction()) as server, fake_cluster.running(2, roll_out) as cluster:
        restart = [kubectl, "rollout", "restart", f"deployment/{NAME}", f"--server={cluster.address}"]
        done = rollout_check("--url", server.url, command=restart)
    assert done.code == 0, done.steps
    said = iter(done.steps.splitlines())
    for expected in (
        f"$ {kubectl} rollout restart deployment/{NAME} --server={cluster.address}",
        f"deployment.apps/{NAME} restarted",
        f"$ {kubectl} rollout status deployment/{NAME} --server={cluster.address}",
        "Waiting for deployment spec update to be observed...",
        f'deployment "{NAME}" successfully rolled out',
    ):
        assert any(line.endswith(expected) for line in said), done.steps


def test_a_missing_workload_fails_with_kubectls_error(kubectl: str) -> None:
    with fake.running(lambda _: fake.prediction()) as server, fake_cluster.running(2, lambda _: None) as cluster:
        restart = [kubectl, "rollout", "restart", "deployment/other", f"--server={cluster.address}"]
        done = rollout_check("--url", server.url, command=restart)
    assert done.code == 3
    assert "NotFound" in done.steps
    assert done.report.startswith("FAILED: `")
