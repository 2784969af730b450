import os
import threading

import pytest

from service.affinity import cpus, next_cpu, stay_on
from service.settings import Settings


def test_each_worker_gets_a_cpu_where_there_are_as_many() -> None:
    assert cpus(Settings(workers=3, cpu_threads=1), {7, 2, 5}, available=3) == [2, 5, 7]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(workers=2, cpu_threads=1), id="more CPUs than workers"),
        pytest.param(Settings(workers=4, cpu_threads=1), id="more workers than CPUs"),
        pytest.param(Settings(workers=3, cpu_threads=2), id="engines that use several"),
        pytest.param(Settings(workers=3, cpu_threads=1, cpu_affinity="none"), id="not wanted"),
    ],
)
def test_else_they_may_move(settings: Settings) -> None:
    assert cpus(settings, {2, 5, 7}, available=3) == []


def test_under_a_quota_they_may_move() -> None:
    assert cpus(Settings(workers=3, cpu_threads=1), {2, 5, 7}, available=2.5) == []


def test_a_single_worker_has_nobody_to_share_with() -> None:
    assert cpus(Settings(workers=1, cpu_threads=1), {0}, available=1) == []


def test_the_next_worker_gets_the_cpu_that_fewest_have() -> None:
    assert [next_cpu([2, 5], taken) for taken in ([], [2], [2, 5], [2, 5, 2], [None])] == [2, 5, 2, 5, 2]
    assert next_cpu([], [None]) is None


def test_a_thread_stays_where_it_is_told_and_so_do_those_it_starts() -> None:
    cpu = max(os.sched_getaffinity(0))
    found: list[set[int]] = []

    def look() -> None:
        found.append(os.sched_getaffinity(0))

    def stay() -> None:
        stay_on(cpu)
        look()
        started = threading.Thread(target=look)
        started.start()
        started.join()
        stay_on(None)
        look()

    thread = threading.Thread(target=stay)
    thread.start()
    thread.join()
    assert found == [{cpu}] * 3


def test_a_cpu_that_is_gone_is_done_without(caplog: pytest.LogCaptureFixture) -> None:
    before = os.sched_getaffinity(0)
    stay_on(max(before) + 1000)
    assert os.sched_getaffinity(0) == before
    assert "this worker is not kept on CPU" in caplog.text
