import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from service.errors import DeadlineExceeded, Draining, QueueFull
from service.inference.batcher import Batcher, Throughput
from service.inference.job import Batch
from tests.service.fakes import Clock

SOON = 30.0


class HeldEngine:
    """Computes a batch only when it is released; remembers the sizes of the batches."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.entered = threading.Semaphore(0)
        self.released = threading.Semaphore(0)
        self.failure: Exception | None = None

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        self.sizes.append(len(images))
        self.entered.release()
        assert self.released.acquire(timeout=SOON)
        if self.failure:
            raise self.failure
        return images[:, 0, 0, :1].astype(np.float32).repeat(10, axis=1)

    def wait_until_computing(self) -> None:
        assert self.entered.acquire(timeout=SOON)

    def release(self, times: int = 1) -> None:
        for _ in range(times):
            self.released.release()


@pytest.fixture
def engine() -> HeldEngine:
    return HeldEngine()


@pytest.fixture
def batcher(engine: HeldEngine) -> Iterator[Batcher]:
    batcher = Batcher(engine.predict, capacity=8, max_batch=4)
    batcher.start()
    yield batcher
    engine.release(50)
    assert batcher.close(SOON)


def images(*values: int) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)[:, None, None, None].repeat(32, 1).repeat(32, 2).repeat(3, 3)


def soon() -> float:
    return time.monotonic() + SOON


def test_a_lone_request_is_computed_at_once(engine: HeldEngine, batcher: Batcher) -> None:
    engine.release()
    job = batcher.submit(images(7), soon())
    answer = batcher.wait(job)
    assert answer.logits[0, 0] == 7
    assert answer.batch.size == 1
    assert job.submitted <= answer.batch.taken <= answer.batch.started
    assert answer.batch.seconds >= 0


def test_requests_that_wait_are_computed_together(engine: HeldEngine, batcher: Batcher) -> None:
    first = batcher.submit(images(0), soon())
    engine.wait_until_computing()
    others = [batcher.submit(images(n), soon()) for n in (1, 2, 3)]
    engine.release(2)
    assert batcher.wait(first).batch.size == 1
    assert [batcher.wait(job).logits[0, 0] for job in others] == [1, 2, 3]
    assert engine.sizes == [1, 3]


def test_the_size_of_a_batch_is_limited_in_images(engine: HeldEngine, batcher: Batcher) -> None:
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    batcher.submit(images(1, 2, 3), soon())
    last = batcher.submit(images(4, 5), soon())
    engine.release(3)
    assert [row[0] for row in batcher.wait(last).logits] == [4, 5]
    assert engine.sizes == [1, 3, 2]


def test_a_request_larger_than_a_batch_is_computed_in_pieces(engine: HeldEngine, batcher: Batcher) -> None:
    engine.release(2)
    answer = batcher.wait(batcher.submit(images(*range(6)), soon()))
    assert [row[0] for row in answer.logits] == list(range(6))
    assert engine.sizes == [4, 2]


def test_a_full_queue_refuses_immediately_and_says_when_to_retry(engine: HeldEngine, batcher: Batcher) -> None:
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    batcher.submit(images(*range(8)), soon())
    assert batcher.depth == 8
    with pytest.raises(QueueFull) as refusal:
        batcher.submit(images(1), soon())
    assert int(refusal.value.headers["Retry-After"]) >= 1
    with pytest.raises(QueueFull):
        batcher.require_room()


def test_retry_after_follows_from_the_measured_rate(engine: HeldEngine) -> None:
    clock = Clock()
    batcher = Batcher(clock.slowed(engine.predict, 2300), capacity=4, max_batch=1, clock=clock)
    batcher.start()
    engine.release()
    batcher.wait(batcher.submit(images(0), 1e9))
    engine.wait_until_computing()
    batcher.submit(images(0), 1e9)
    engine.wait_until_computing()
    batcher.submit(images(1, 2, 3, 4), 1e9)
    with pytest.raises(QueueFull) as refusal:
        batcher.submit(images(5), 1e9)
    assert refusal.value.members == {"retry_after_ms": 9200}
    assert refusal.value.headers["Retry-After"] == "10", "in whole seconds, rounded up"
    engine.release(50)
    assert batcher.close(SOON)


def test_a_request_past_its_deadline_is_not_computed(engine: HeldEngine, batcher: Batcher) -> None:
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    late = batcher.submit(images(1), time.monotonic())
    punctual = batcher.submit(images(2), soon())
    engine.release(2)
    assert batcher.wait(punctual).logits[0, 0] == 2
    with pytest.raises(DeadlineExceeded):
        batcher.wait(late)
    assert engine.sizes == [1, 1]


def test_waiting_ends_at_the_deadline_while_the_engine_hangs(engine: HeldEngine, batcher: Batcher) -> None:
    job = batcher.submit(images(0), time.monotonic() + 0.05)
    with pytest.raises(DeadlineExceeded, match=r"not ready 0\.\d\d s after the request was queued"):
        batcher.wait(job)


def test_an_error_of_the_engine_fails_only_its_batch(engine: HeldEngine, batcher: Batcher) -> None:
    engine.failure = RuntimeError("broken")
    engine.release()
    with pytest.raises(RuntimeError, match="broken"):
        batcher.wait(batcher.submit(images(0), soon()))
    engine.failure = None
    engine.release()
    assert batcher.wait(batcher.submit(images(1), soon())).logits[0, 0] == 1


def test_closing_finishes_the_queued_jobs_and_refuses_new_ones(engine: HeldEngine, batcher: Batcher) -> None:
    jobs = [batcher.submit(images(n), soon()) for n in range(3)]
    closing = threading.Thread(target=batcher.close, args=[SOON])
    closing.start()
    engine.wait_until_computing()
    engine.release(3)
    assert [batcher.wait(job).logits[0, 0] for job in jobs] == [0, 1, 2]
    closing.join(SOON)
    with pytest.raises(Draining):
        batcher.submit(images(9), soon())


def test_a_batcher_whose_batch_takes_too_long_is_not_alive(engine: HeldEngine, batcher: Batcher) -> None:
    assert batcher.alive(max_batch_seconds=60)
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    assert batcher.alive(max_batch_seconds=60)
    assert not batcher.alive(max_batch_seconds=0)


def test_a_batcher_that_was_not_started_is_not_alive_and_can_be_closed() -> None:
    batcher = Batcher(lambda pixels: np.zeros((len(pixels), 10), np.float32), capacity=1, max_batch=1)
    assert not batcher.alive(max_batch_seconds=60)
    assert batcher.close(0)


def test_each_batch_is_traced_and_reported(engine: HeldEngine) -> None:
    seen: list[Batch] = []
    batcher = Batcher(engine.predict, capacity=8, max_batch=4, on_batch=seen.append, trace=lambda batch: "span")
    batcher.start()
    engine.release()
    answer = batcher.wait(batcher.submit(images(1, 2), soon(), origin="request"))
    assert [(batch.size, batch.origins) for batch in seen] == [(2, ("request",))]
    assert seen == [answer.batch]
    assert answer.batch.span == "span"
    assert batcher.close(SOON)


def test_an_error_of_on_batch_does_not_fail_the_request(engine: HeldEngine) -> None:
    def fail(batch: Batch) -> object:
        raise RuntimeError("telemetry")

    batcher = Batcher(engine.predict, capacity=8, max_batch=4, on_batch=fail)
    batcher.start()
    engine.release()
    assert batcher.wait(batcher.submit(images(3), soon())).logits[0, 0] == 3
    assert batcher.close(SOON)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def throughput(clock: Clock) -> Throughput:
    return Throughput(clock)


def compute(throughput: Throughput, clock: Clock, images: int, seconds: float) -> None:
    clock.now += seconds
    throughput.add(images)


def test_before_the_first_batch_the_throughput_is_unknown(throughput: Throughput) -> None:
    assert throughput.milliseconds(50) == Throughput.UNKNOWN_MILLISECONDS


def test_the_throughput_includes_the_time_between_batches(throughput: Throughput, clock: Clock) -> None:
    for _ in range(3):
        compute(throughput, clock, images=8, seconds=0.25)
    assert throughput.milliseconds(32) == 1000
    assert throughput.milliseconds(1) == 32


def test_the_throughput_excludes_idle_time(throughput: Throughput, clock: Clock) -> None:
    clock.now += 3600
    throughput.begin()
    compute(throughput, clock, images=8, seconds=0.25)
    assert throughput.milliseconds(32) == 1000


def test_the_throughput_is_a_moving_average(throughput: Throughput, clock: Clock) -> None:
    compute(throughput, clock, images=8, seconds=0.25)
    compute(throughput, clock, images=8, seconds=25.0)
    assert 1000 < throughput.milliseconds(32) < 2000


def test_no_estimate_is_below_one_millisecond(throughput: Throughput, clock: Clock) -> None:
    compute(throughput, clock, images=8, seconds=0.0)
    assert throughput.milliseconds(0) == 1
