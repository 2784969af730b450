"""Replacing and stopping containers under load; with the ONNX Runtime image, since the engine does not matter."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.build import Tool
from tests.container.conftest import Start
from tests.container.containers import Container
from tests.container.endpoints import Endpoints
from tests.container.nginx import running
from tests.container.probe import Probe
from tests.container.rollout import ProgressDeadlineExceeded, Rollout
from tests.e2e.load import Load, constant_rate, load
from tests.e2e.server import eventually
from tests.k8s.manifests import K8S, read
from tests.shipped import copied, flip_a_bit

REQUESTS_A_SECOND = 20
PROGRESS_SECONDS = 100.0
SHORT_PROGRESS_SECONDS = 15.0
"""Longer than a good revision needs, and shorter than in the manifest, so that the test ends sooner."""


@pytest.fixture(scope="session")
def image(slim: str) -> str:
    return slim


@pytest.fixture
def rollout(start: Start, require_tool: Tool, tmp_path: Path) -> Iterator[Rollout]:
    """Two pods behind nginx."""
    manifests = read(K8S / "base" / "cifar10-deployment.yaml")
    probe = Probe.read(manifests.container["readinessProbe"])
    containers = [start(), start()]
    for container in containers:
        container.wait_until_ready()
    binary = require_tool("nginx", "nginx-light")
    with running(binary, tmp_path / "nginx") as nginx, Endpoints(nginx, probe) as endpoints:
        pods = [endpoints.add(container) for container in containers]
        both = {container.port for container in containers}
        eventually(lambda: endpoints.routed[-1:] == [both], what="the route to both")
        del endpoints.routed[:-1]
        yield Rollout(manifests, endpoints, pods)


def damaged_model(folder: Path) -> Path:
    copy = copied(folder)
    for path in copy.glob("*.onnx"):
        flip_a_bit(path)
    for path in (copy, *copy.iterdir()):
        path.chmod(0o755)  # for the container's user
    return copy


def await_more(traffic: Load) -> None:
    """A second's worth."""
    before = len(traffic.outcomes)
    eventually(lambda: len(traffic.outcomes) > before + REQUESTS_A_SECOND, what="traffic")


def test_a_rolling_update_under_load_loses_no_request(rollout: Rollout, start: Start) -> None:
    old = {pod.container.port for pod in rollout.serving}
    with constant_rate(rollout.endpoints.nginx, REQUESTS_A_SECOND) as traffic:
        await_more(traffic)
        rollout.to(start, PROGRESS_SECONDS)
        await_more(traffic)
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert rollout.exit_codes == [0, 0]
    assert [len(ports) for ports in rollout.endpoints.routed] == [2, 3, 2, 3, 2]
    assert not rollout.endpoints.routed[-1] & old


def test_a_revision_that_does_not_become_ready_gets_no_traffic(rollout: Rollout, start: Start, tmp_path: Path) -> None:
    bad = start(f"--volume={damaged_model(tmp_path)}:/damaged:ro", model_dir="/damaged")
    with constant_rate(rollout.endpoints.nginx, REQUESTS_A_SECOND) as traffic:
        with pytest.raises(ProgressDeadlineExceeded):
            rollout.to(lambda: bad, SHORT_PROGRESS_SECONDS)
        assert bad.ops("/readyz").json()["state"] == "failed"
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert rollout.endpoints.answers(bad) == {False}
    assert rollout.endpoints.routed == [{pod.container.port for pod in rollout.serving}]
    counts = [line for line in bad.ops("/metrics").text.splitlines() if "request_duration_seconds_count" in line]
    assert counts
    assert all(line.endswith(" 0.0") for line in counts)


def test_a_revision_whose_image_has_another_hash_changes_nothing(rollout: Rollout, podman: str, image: str) -> None:
    absent = f"{image.rpartition(':')[0]}@sha256:{'0' * 64}"
    with constant_rate(rollout.endpoints.nginx, REQUESTS_A_SECOND) as traffic:
        await_more(traffic)
        with pytest.raises(AssertionError, match=f"{absent}: image not known"):
            rollout.to(lambda: Container(podman, absent), PROGRESS_SECONDS)
        await_more(traffic)
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert rollout.endpoints.routed == [{pod.container.port for pod in rollout.serving}]


def test_no_request_is_lost_when_it_is_terminated_under_load(start: Start) -> None:
    container = start().wait_until_ready()
    with load(container, kept=2, new=2) as traffic:
        eventually(lambda: len(traffic.outcomes) > 20, within=60, what="traffic")
        container.terminate()
        began = time.monotonic()
        assert container.exit_code() == 0
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert any(outcome.asked > began for outcome in traffic.outcomes)
