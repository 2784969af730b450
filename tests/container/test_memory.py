"""Startup time and memory of the container, compared with the measurements behind the manifests' numbers."""

from concurrent.futures import ThreadPoolExecutor

from service.api.predict import LARGE_BODIES, LARGE_IMAGES
from tests.container.conftest import Start
from tests.container.containers import Container
from tests.container.memory import largest_upload
from tests.e2e.load import load
from tests.e2e.server import eventually
from tests.k8s.manifests import K8S, read
from tests.k8s.policy.measured import CLIENTS, LOADED_MEMORY, PEAK_MEMORY


def test_it_is_ready_in_half_the_time_that_the_startup_probe_allows(start: Start) -> None:
    probe = read(K8S / "base" / "cifar10-deployment.yaml").container["startupProbe"]
    container = start().wait_until_ready()
    assert container.age() < probe["periodSeconds"] * probe["failureThreshold"] / 2


def test_many_clients_make_it_hold_no_more_than_was_measured(start: Start) -> None:
    container = start().wait_until_ready()
    with load(container, kept=CLIENTS, new=0) as traffic:
        eventually(lambda: len(traffic.outcomes) > 40 * CLIENTS, within=100, what="traffic")
        memory = container.memory()
    assert traffic.lost == []
    assert memory.held <= LOADED_MEMORY


def test_the_largest_images_at_once_take_no_more_than_was_measured(start: Start) -> None:
    container, body = start().wait_until_ready(), largest_upload()
    files = container.memory().cache  # read at startup; included in the peak, although it can be reclaimed
    with load(container, kept=2, new=2) as traffic:
        assert upload(container, body, times=LARGE_IMAGES) == [200] * LARGE_IMAGES
        assert {200} <= set(upload(container, body, times=LARGE_BODIES)) <= {200, 504}  # 504: too late
    memory = container.memory()
    assert (traffic.lost, memory.kills) == ([], 0)
    assert PEAK_MEMORY * 2 / 3 < memory.peak - max(files, memory.cache) <= PEAK_MEMORY


def upload(container: Container, body: bytes, times: int) -> list[int]:
    """Status codes of this number of concurrent requests."""
    with ThreadPoolExecutor(times) as pool:
        return [answer.status_code for answer in pool.map(container.predict, [body] * times)]
