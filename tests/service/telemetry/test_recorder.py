import logging
import threading
from collections.abc import Callable, Sequence

import pytest

from service.telemetry.observation import Observation
from service.telemetry.recorder import MOST_AT_ONCE, MOST_LEFT_WAITING, MOST_WAITING, Recorder
from service.telemetry.stages import Stages
from service.telemetry.trace_context import continued


def observation(path: str = "/predict") -> Observation:
    return Observation("id", continued(None), Stages(), "POST", path, "/predict", None)


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


def test_the_thread_records_without_being_asked() -> None:
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


def test_who_finds_too_many_waiting_records_some_of_them_first() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    for _ in range(MOST_WAITING + 1):
        recorder.add(observation())
    assert [len(call) for call in calls] == [MOST_AT_ONCE]


def test_a_watcher_that_fails_costs_the_others_nothing_and_is_logged_and_counted(
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


def test_what_many_threads_add_is_recorded_once_each() -> None:
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
    """A watcher that does not return until it is let go."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self.go = threading.Event()
        self.seen: list[Observation] = []

    def __call__(self, taken: Sequence[Observation]) -> None:
        self.entered.set()
        assert self.go.wait(60)
        self.seen += taken


def held_up(stuck: Stuck, on_loss: Callable[[int], object] = lambda requests: None, patience: float = 1.0) -> Recorder:
    """A recorder that is recording the first observation."""
    recorder = Recorder([stuck], on_loss, patience)
    recorder.start()
    recorder.add(observation())
    assert stuck.entered.wait(20)
    return recorder


def test_who_has_little_time_does_not_wait_for_a_watcher() -> None:
    stuck = Stuck()
    recorder = held_up(stuck)
    assert recorder.flush(0) is False
    stuck.go.set()
    assert recorder.flush() is True
    assert len(stuck.seen) == 1


def test_with_patience_what_cannot_be_recorded_is_given_up_counted_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    stuck = Stuck()
    lost: list[int] = []
    recorder = held_up(stuck, lost.append, patience=0.01)
    for _ in range(MOST_WAITING + 7):
        recorder.add(observation())
    with caplog.at_level(logging.WARNING):
        stuck.go.set()
        recorder.flush()
        recorder.flush()
    assert len(stuck.seen) == 1 + MOST_WAITING
    assert caplog.text.count("7 requests were not recorded") == 1
    assert sum(lost) == 7


def test_who_must_not_wait_leaves_more_waiting_and_then_gives_up(caplog: pytest.LogCaptureFixture) -> None:
    stuck = Stuck()
    lost: list[int] = []
    recorder = held_up(stuck, lost.append, patience=60)
    for _ in range(MOST_LEFT_WAITING + 7):
        recorder.add(observation(), may_wait=False)
    assert sum(lost) == 7
    with caplog.at_level(logging.WARNING):
        stuck.go.set()
        recorder.flush()
    assert len(stuck.seen) == 1 + MOST_LEFT_WAITING
    assert "7 requests were not recorded" in caplog.text


def test_after_the_end_each_is_recorded_as_it_comes() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    recorder.stop()
    recorder.add(observation("/late"))
    assert paths(calls) == ["/late"]


def test_watchers_get_no_more_than_a_turns_worth() -> None:
    calls: list[Sequence[Observation]] = []
    recorder = Recorder([calls.append])
    for _ in range(MOST_AT_ONCE + 1):
        recorder.add(observation())
    recorder.flush()
    assert [len(call) for call in calls] == [MOST_AT_ONCE, 1]
