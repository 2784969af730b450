import threading
import time
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from service.batching import Batcher
from service.errors import DeadlineExceeded, Draining, QueueFull
from service.jobs import Batch
from tests.service.clock import Clock

SOON = 30.0


class HeldEngine:
    """Fake: computes nothing until it is let go; remembers the batch sizes it saw."""

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

    def let_go(self, times: int = 1) -> None:
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
    engine.let_go(50)
    assert batcher.close(SOON)


def images(*values: int) -> NDArray[np.uint8]:
    return np.array(values, np.uint8)[:, None, None, None].repeat(32, 1).repeat(32, 2).repeat(3, 3)


def soon() -> float:
    return time.monotonic() + SOON


def test_a_lone_request_is_computed_at_once(engine: HeldEngine, batcher: Batcher) -> None:
    engine.let_go()
    answer = batcher.wait(batcher.submit(images(7), soon()))
    assert answer.logits[0, 0] == 7
    assert answer.batch.size == 1
    assert answer.submitted <= answer.batch.taken <= answer.batch.started
    assert answer.batch.seconds >= 0


def test_what_queues_up_meanwhile_is_computed_together(engine: HeldEngine, batcher: Batcher) -> None:
    first = batcher.submit(images(0), soon())
    engine.wait_until_computing()
    others = [batcher.submit(images(n), soon()) for n in (1, 2, 3)]
    engine.let_go(2)
    assert batcher.wait(first).batch.size == 1
    assert [batcher.wait(job).logits[0, 0] for job in others] == [1, 2, 3]
    assert engine.sizes == [1, 3]


def test_a_batch_counts_images_and_not_requests(engine: HeldEngine, batcher: Batcher) -> None:
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    batcher.submit(images(1, 2, 3), soon())
    last = batcher.submit(images(4, 5), soon())
    engine.let_go(3)
    assert [row[0] for row in batcher.wait(last).logits] == [4, 5]
    assert engine.sizes == [1, 3, 2]


def test_a_request_larger_than_a_batch_is_computed_in_pieces(engine: HeldEngine, batcher: Batcher) -> None:
    engine.let_go(2)
    answer = batcher.wait(batcher.submit(images(*range(6)), soon()))
    assert [row[0] for row in answer.logits] == list(range(6))
    assert engine.sizes == [4, 2]


def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(engine: HeldEngine, batcher: Batcher) -> None:
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    batcher.submit(images(*range(8)), soon())
    assert batcher.depth == 8
    with pytest.raises(QueueFull) as refusal:
        batcher.submit(images(1), soon())
    assert int(refusal.value.headers["Retry-After"]) >= 1
    with pytest.raises(QueueFull):
        batcher.require_room()


def test_when_to_come_back_follows_the_measured_rate(engine: HeldEngine) -> None:
    clock = Clock()
    batcher = Batcher(clock.slowed(engine.predict, 2300), capacity=4, max_batch=1, clock=clock)
    batcher.start()
    engine.let_go()
    batcher.wait(batcher.submit(images(0), 1e9))
    engine.wait_until_computing()
    batcher.submit(images(0), 1e9)
    engine.wait_until_computing()
    batcher.submit(images(1, 2, 3, 4), 1e9)
    with pytest.raises(QueueFull) as refusal:
        batcher.submit(images(5), 1e9)
    assert refusal.value.members == {"retry_after_ms": 9200}
    assert refusal.value.headers["Retry-After"] == "10", "in whole seconds, and not too early"
    engine.let_go(50)
    assert batcher.close(SOON)


def test_a_late_request_is_dropped_before_it_is_computed(engine: HeldEngine, batcher: Batcher) -> None:
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    late = batcher.submit(images(1), time.monotonic())
    punctual = batcher.submit(images(2), soon())
    engine.let_go(2)
    assert batcher.wait(punctual).logits[0, 0] == 2
    with pytest.raises(DeadlineExceeded):
        batcher.wait(late)
    assert engine.sizes == [1, 1]


def test_waiting_ends_at_the_deadline_also_when_the_engine_hangs(engine: HeldEngine, batcher: Batcher) -> None:
    job = batcher.submit(images(0), time.monotonic() + 0.05)
    with pytest.raises(DeadlineExceeded, match=r"no prediction before the deadline; the queue took 0\.\d\d s"):
        batcher.wait(job)


def test_a_failing_engine_fails_its_batch_and_no_other(engine: HeldEngine, batcher: Batcher) -> None:
    engine.failure = RuntimeError("broken")
    engine.let_go()
    with pytest.raises(RuntimeError, match="broken"):
        batcher.wait(batcher.submit(images(0), soon()))
    engine.failure = None
    engine.let_go()
    assert batcher.wait(batcher.submit(images(1), soon())).logits[0, 0] == 1


def test_closing_finishes_what_is_queued_and_takes_nothing_more(engine: HeldEngine, batcher: Batcher) -> None:
    jobs = [batcher.submit(images(n), soon()) for n in range(3)]
    closing = threading.Thread(target=batcher.close, args=[SOON])
    closing.start()
    engine.wait_until_computing()
    engine.let_go(3)
    assert [batcher.wait(job).logits[0, 0] for job in jobs] == [0, 1, 2]
    closing.join(SOON)
    with pytest.raises(Draining):
        batcher.submit(images(9), soon())


def test_a_batch_that_never_ends_counts_as_dead(engine: HeldEngine, batcher: Batcher) -> None:
    assert batcher.alive(longest_batch=60)
    batcher.submit(images(0), soon())
    engine.wait_until_computing()
    assert batcher.alive(longest_batch=60)
    assert not batcher.alive(longest_batch=0)


def test_a_batcher_that_was_never_started_is_not_alive_and_closes() -> None:
    batcher = Batcher(lambda pixels: np.zeros((len(pixels), 10), np.float32), capacity=1, max_batch=1)
    assert not batcher.alive(longest_batch=60)
    assert batcher.close(0)


def test_whoever_watches_learns_of_each_batch_and_may_mark_it(engine: HeldEngine, batcher: Batcher) -> None:
    seen: list[Batch] = []

    def watch(batch: Batch) -> str:
        seen.append(batch)
        return "marked"

    batcher.on_batch = watch
    engine.let_go()
    answer = batcher.wait(batcher.submit(images(1, 2), soon(), origin="here"))
    assert [(batch.size, batch.origins) for batch in seen] == [(2, ("here",))]
    assert answer.batch.mark == "marked"


def test_a_watcher_that_fails_costs_nobody_the_prediction(engine: HeldEngine, batcher: Batcher) -> None:
    def fail(batch: Batch) -> object:
        raise RuntimeError("telemetry")

    batcher.on_batch = fail
    engine.let_go()
    assert batcher.wait(batcher.submit(images(3), soon())).logits[0, 0] == 3
