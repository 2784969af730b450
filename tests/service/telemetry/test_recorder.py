import logging
import threading
from collections.abc import Callable, Sequence

import pytest

from service.telemetry.observation import Observation
from service.telemetry.recorder import BATCH, CAPACITY, Recorder
from service.telemetry.stages import Stages
from service.telemetry.tracing.trace_context import from_traceparent


def observation(path: str = "/predict") -> Observation:
    return Observation("id", from_traceparent(None), Stages(), "POST", path, "/predict", None)


def paths(calls: list[Sequence[Observation]]) -> list[str]:
    return [one.path for call in calls for one in call]


def test_every_watcher_gets_every_observation_in_order() -> None:
    one: list[Sequence[Observation]] = []
    other: list[Sequence[Observation]] = []
    recorder = Recorder([one.append, other.append])
    for number in range(3):
        recorder.add(observation(f"/{number}"))
    recorder.flush()
    recorder.flush()
    assert paths(one) == paths(other) == ["/0", "/1", "/2"]


def test_the_thread_records_without_a_flush() -> None:
    recorded = threading.Event()
    recorder = Recorder([lambda taken: recorded.set()])
    recorder.start()
    recorder.add(observation())
    assert recorded.wait(20)
    recorder.stop()


def test_stopping_records_what_is_left() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    recorder.start()
    for number in range(10):
        recorder.add(observation(f"/{number}"))
    recorder.stop()
    assert paths(calls) == [f"/{number}" for number in range(10)]


def test_a_request_that_exceeds_the_capacity_records_a_batch_first() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    for _ in range(CAPACITY + 1):
        recorder.add(observation())
    assert [len(call) for call in calls] == [BATCH]


def test_an_exception_of_a_watcher_is_logged_and_counted_and_the_others_are_called(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(taken: Sequence[Observation]) -> None:
        raise RuntimeError("disk on fire")

    calls: list[Sequence[Observation]] = []
    lost: list[int] = []
    recorder = Recorder([broken, calls.append, broken], lost.append)
    recorder.add(observation("/a"))
    with caplog.at_level(logging.ERROR):
        recorder.flush()
    assert paths(calls) == ["/a"]
    assert "recording 1 requests failed" in caplog.text
    assert "disk on fire" in caplog.text
    assert sum(lost) == 1


def test_observations_of_many_threads_are_recorded_once() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    recorder.start()

    def add() -> None:
        for _ in range(400):
            recorder.add(observation())

    adding = [threading.Thread(target=add) for _ in range(8)]
    for thread in adding:
        thread.start()
    for thread in adding:
        thread.join()
    recorder.stop()
    assert len(paths(calls)) == 8 * 400


class Stuck:
    """A watcher that does not return until it is released."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.release = threading.Event()
        self.seen: list[Observation] = []

    def __call__(self, taken: Sequence[Observation]) -> None:
        self.entered.set()
        assert self.release.wait(60)
        self.seen += taken


def held_up(stuck: Stuck, on_loss: Callable[[int], object] = lambda requests: None, timeout: float = 1.0) -> Recorder:
    """A recorder that is recording the first observation."""
    recorder = Recorder([stuck], on_loss, timeout)
    recorder.start()
    recorder.add(observation())
    assert stuck.entered.wait(20)
    return recorder


def test_a_flush_with_a_time_limit_does_not_wait_for_a_stuck_watcher() -> None:
    stuck = Stuck()
    recorder = held_up(stuck)
    assert recorder.flush(0) is False
    stuck.release.set()
    assert recorder.flush() is True
    assert len(stuck.seen) == 1


def test_observations_that_exceed_the_capacity_in_front_of_a_stuck_watcher_are_counted_as_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stuck = Stuck()
    lost: list[int] = []
    recorder = held_up(stuck, lost.append, timeout=0.01)
    for _ in range(CAPACITY + 7):
        recorder.add(observation())
    assert sum(lost) == 7
    with caplog.at_level(logging.WARNING):
        stuck.release.set()
        recorder.flush()
        recorder.flush()
    assert len(stuck.seen) == 1 + CAPACITY
    assert caplog.text.count("requests were not recorded, because recording took too long") == 1


def test_only_the_first_request_waits_for_a_stuck_watcher() -> None:
    stuck = Stuck()
    lost: list[int] = []
    recorder = held_up(stuck, lost.append, timeout=0.5)
    for _ in range(CAPACITY + 1000):  # would exceed the time limit of the test if each waited
        recorder.add(observation())
    stuck.release.set()
    recorder.stop()
    assert (sum(lost), len(stuck.seen)) == (1000, 1 + CAPACITY)


def test_after_the_stop_observations_are_recorded_immediately() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    recorder.stop()
    recorder.add(observation("/late"))
    assert paths(calls) == ["/late"]


def test_watchers_get_at_most_one_batch_at_a_time() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    for _ in range(BATCH + 1):
        recorder.add(observation())
    recorder.flush()
    assert [len(call) for call in calls] == [BATCH, 1]
