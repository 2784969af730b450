import pytest

from tests.bench.peers.constant import ANSWER, create_app
from tests.bench.peers.limits import NAMES, count, work


@pytest.mark.parametrize("name", [name for name in NAMES if "torch" not in name])
def test_work_counts_the_images_it_has_done(name: str) -> None:
    assert work(name)() == (int(name.split()[2]) if "engine" in name else 1)


def test_the_count_goes_on_until_time_is_up() -> None:
    times: list[int] = []

    def three() -> int:
        times.append(1)
        return 3

    assert count(three, 0.001) == 3 * len(times) > 0


def test_http_alone_has_the_same_route_and_a_constant_answer() -> None:
    assert create_app().test_client().post("/predict", data=b"anything").text == ANSWER
