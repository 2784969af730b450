from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.container.conftest import Start, Tool
from tests.container.containers import Container
from tests.container.nginx import Nginx
from tests.container.rollout import ProgressDeadlineExceeded, Rollout
from tests.e2e.load import constant_rate
from tests.e2e.server import eventually
from tests.shipped import copied, flip_a_bit

REQUESTS_A_SECOND = 20
PROGRESS_SECONDS = 100.0
TOO_LITTLE_PROGRESS_SECONDS = 20.0
"""Several times what a good revision needs, and less than the manifest's, so that the test ends sooner."""


@pytest.fixture
def rollout(start: Start, require_tool: Tool, tmp_path: Path) -> Iterator[Rollout]:
    """Two pods behind nginx."""
    binary = require_tool("nginx", "nginx-light")
    pods = [start(), start()]
    for pod in pods:
        pod.wait_until_ready()
    folder = tmp_path / "nginx"
    folder.mkdir()
    nginx = Nginx(binary, folder, [pod.port for pod in pods])
    yield Rollout(nginx, pods)
    nginx.stop()


def damaged_model(folder: Path) -> Path:
    copy = copied(folder)
    flip_a_bit(copy / "weights.safetensors")
    for path in (copy, *copy.iterdir()):
        path.chmod(0o755)  # the container's user is another
    return copy


def test_a_rolling_update_under_load_loses_no_request(rollout: Rollout, start: Start) -> None:
    old = list(rollout.serving)
    with constant_rate(rollout.nginx, REQUESTS_A_SECOND) as traffic:
        eventually(lambda: len(traffic.outcomes) > REQUESTS_A_SECOND, what="traffic")
        rollout.to(start, PROGRESS_SECONDS)
        before = len(traffic.outcomes)
        eventually(lambda: len(traffic.outcomes) > before + REQUESTS_A_SECOND, what="traffic to the new pods")
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert rollout.exit_codes == [0, 0]
    assert not {pod.id for pod in old} & {pod.id for pod in rollout.serving}


def test_a_revision_that_does_not_become_ready_gets_no_traffic(rollout: Rollout, start: Start, tmp_path: Path) -> None:
    bad = start(f"--volume={damaged_model(tmp_path)}:/damaged:ro", model_dir="/damaged")
    with constant_rate(rollout.nginx, REQUESTS_A_SECOND) as traffic:
        with pytest.raises(ProgressDeadlineExceeded):
            rollout.to(lambda: bad, TOO_LITTLE_PROGRESS_SECONDS)
        assert requests.get(f"http://127.0.0.1:{bad.ops_port}/readyz", timeout=20).json()["state"] == "failed"
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert len(rollout.serving) == 2
    counts = [line for line in bad.ops("/metrics").text.splitlines() if "request_duration_seconds_count" in line]
    assert counts
    assert all(line.endswith(" 0.0") for line in counts)


def test_a_revision_whose_image_is_not_there_changes_nothing(rollout: Rollout, podman: str) -> None:
    with constant_rate(rollout.nginx, REQUESTS_A_SECOND) as traffic:
        eventually(lambda: len(traffic.outcomes) > REQUESTS_A_SECOND, what="traffic")
        with pytest.raises(AssertionError, match="no-such-image"):
            rollout.to(lambda: Container(podman, "localhost/no-such-image:v2"), PROGRESS_SECONDS)
    assert traffic.lost == []
    assert traffic.statuses() == {200}
    assert len(rollout.serving) == 2
