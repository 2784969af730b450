import pytest

from service.throughput import UNKNOWN_MILLISECONDS, Throughput
from tests.service.clock import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throughput(clock: Clock) -> Throughput:
    return Throughput(clock)


def compute(throughput: Throughput, clock: Clock, images: int, seconds: float) -> None:
    clock.now += seconds
    throughput.computed(images)


def test_what_has_not_been_measured_is_not_promised(throughput: Throughput) -> None:
    assert throughput.milliseconds(50) == UNKNOWN_MILLISECONDS


def test_all_of_the_time_between_two_batches_counts(throughput: Throughput, clock: Clock) -> None:
    for _ in range(3):
        compute(throughput, clock, images=8, seconds=0.25)
    assert throughput.milliseconds(32) == 1000
    assert throughput.milliseconds(1) == 32


def test_time_without_anything_to_do_does_not(throughput: Throughput, clock: Clock) -> None:
    clock.now += 3600
    throughput.begun()
    compute(throughput, clock, images=8, seconds=0.25)
    assert throughput.milliseconds(32) == 1000


def test_a_batch_that_took_unusually_long_is_not_all_that_counts(throughput: Throughput, clock: Clock) -> None:
    compute(throughput, clock, images=8, seconds=0.25)
    compute(throughput, clock, images=8, seconds=25.0)
    assert 1000 < throughput.milliseconds(32) < 2000


def test_nothing_takes_no_less_than_a_millisecond(throughput: Throughput, clock: Clock) -> None:
    compute(throughput, clock, images=8, seconds=0.0)
    assert throughput.milliseconds(0) == 1
