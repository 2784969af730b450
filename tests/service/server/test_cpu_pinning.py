import os
import threading

import pytest

from service.server.cpu_pinning import cpus, next_cpu, pin
from service.settings import Settings


def test_each_worker_gets_a_cpu_if_there_are_as_many() -> None:
    assert cpus(Settings(workers=3, cpu_threads=1), {7, 2, 5}, available=3) == [2, 5, 7]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(Settings(workers=2, cpu_threads=1), id="more CPUs than workers"),
        pytest.param(Settings(workers=4, cpu_threads=1), id="more workers than CPUs"),
        pytest.param(Settings(workers=3, cpu_threads=2), id="engines with several threads"),
        pytest.param(Settings(workers=3, cpu_threads=1, cpu_affinity="none"), id="disabled"),
    ],
)
def test_workers_are_not_pinned_in_other_cases(settings: Settings) -> None:
    assert cpus(settings, {2, 5, 7}, available=3) == []


def test_workers_are_not_pinned_under_a_quota() -> None:
    assert cpus(Settings(workers=3, cpu_threads=1), {2, 5, 7}, available=2.5) == []


def test_a_single_worker_is_not_pinned() -> None:
    assert cpus(Settings(workers=1, cpu_threads=1), {0}, available=1) == []


def test_the_next_worker_gets_the_cpu_with_the_fewest_workers() -> None:
    assert [next_cpu([2, 5], taken) for taken in ([], [2], [2, 5], [2, 5, 2], [None])] == [2, 5, 2, 5, 2]
    assert next_cpu([], [None]) is None


def test_a_pinned_thread_and_the_threads_it_starts_stay_on_their_cpu() -> None:
    cpu = max(os.sched_getaffinity(0))
    found: list[set[int]] = []

    def look() -> None:
        found.append(os.sched_getaffinity(0))

    def run() -> None:
        pin(cpu)
        look()
        started = threading.Thread(target=look)
        started.start()
        started.join()
        pin(None)
        look()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert found == [{cpu}] * 3


def test_a_cpu_that_does_not_exist_is_only_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    before = os.sched_getaffinity(0)
    pin(max(before) + 1000)
    assert os.sched_getaffinity(0) == before
    assert "cannot pin this worker to CPU" in caplog.text
