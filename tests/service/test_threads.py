import logging
import sys
import threading
import time
from collections.abc import Callable

import pytest

from service.threads import Threads

MOST = 3
SECONDS = 30


class Calls:
    """Calls that last until they are released."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []
        self._begun = threading.Semaphore(0)
        self._end = threading.Semaphore(0)

    def __call__(self) -> None:
        self.threads.append(threading.current_thread())
        self._begun.release()
        assert self._end.acquire(timeout=SECONDS)

    def begun(self, calls: int) -> bool:
        """Whether so many more have begun, waiting for it."""
        return all(self._begun.acquire(timeout=SECONDS) for _ in range(calls))

    def end(self, calls: int) -> None:
        self._end.release(calls)


def done(threads: Threads, call: Callable[..., object], *args: object) -> None:
    """Have it called, and wait for its end."""
    ended = threading.Event()

    def called() -> None:
        try:
            call(*args)
        finally:
            ended.set()

    threads.submit(called)
    assert ended.wait(SECONDS)


def refuse(thread: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def wait_until_idle(threads: Threads, number: int) -> None:
    until = time.monotonic() + SECONDS
    while len(threads._idle) != number:
        assert time.monotonic() < until
        time.sleep(0.001)


def test_a_call_gets_its_arguments() -> None:
    seen: list[object] = []
    done(Threads(MOST), seen.append, "request")
    assert seen == ["request"]


def test_a_thread_is_started_for_each_call_that_finds_none_idle() -> None:
    threads, calls = Threads(MOST), Calls()
    for _ in range(MOST):
        threads.submit(calls)
    assert calls.begun(MOST)
    assert {thread.name for thread in calls.threads} == {"request-1", "request-2", "request-3"}
    calls.end(MOST)


def test_the_thread_that_was_busy_last_is_busy_next() -> None:
    threads, calls = Threads(2), [Calls(), Calls()]
    for each in calls:
        threads.submit(each)
        assert each.begun(1)
    for idle, each in enumerate(calls, start=1):
        each.end(1)
        wait_until_idle(threads, idle)
    found: list[threading.Thread] = []
    done(threads, lambda: found.append(threading.current_thread()))
    assert found == calls[1].threads


def test_what_is_more_waits_in_order() -> None:
    threads, calls = Threads(MOST), Calls()
    order: list[int] = []
    last = threading.Event()
    for _ in range(MOST):
        threads.submit(calls)
    assert calls.begun(MOST)
    for number in range(5):
        threads.submit(order.append, number)
    threads.submit(last.set)
    assert not order
    calls.end(1)  # one thread does all that waits
    assert last.wait(SECONDS)
    assert order == [0, 1, 2, 3, 4]
    calls.end(MOST - 1)


def test_a_call_that_fails_is_logged_and_costs_no_thread(caplog: pytest.LogCaptureFixture) -> None:
    threads = Threads(1)
    with caplog.at_level(logging.ERROR, logger="cifar10"):
        done(threads, int, "no number")
        done(threads, sys.exit, "the end")
        done(threads, str)
    assert "no number" in caplog.text
    assert "the end" in caplog.text


def test_a_thread_that_could_not_be_started_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    threads = Threads(1)
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", refuse)
        with pytest.raises(RuntimeError):
            threads.submit(str)
    done(threads, str)


def test_where_no_more_can_be_started_the_others_do_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    threads, calls, seen = Threads(2), Calls(), threading.Event()
    threads.submit(calls)
    assert calls.begun(1)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    threads.submit(seen.set)
    calls.end(1)
    assert seen.wait(SECONDS)


def test_after_the_end_threads_end_once_nothing_waits() -> None:
    threads, calls, seen = Threads(1), Calls(), threading.Event()
    threads.submit(calls)
    assert calls.begun(1)
    threads.submit(seen.set)
    threads.shutdown()
    calls.end(1)
    assert seen.wait(SECONDS)
    calls.threads[0].join(SECONDS)
    assert not calls.threads[0].is_alive()


def test_an_idle_thread_ends_at_the_end() -> None:
    threads = Threads(1)
    found: list[threading.Thread] = []
    done(threads, lambda: found.append(threading.current_thread()))
    threads.shutdown()
    found[0].join(SECONDS)
    assert not found[0].is_alive()
