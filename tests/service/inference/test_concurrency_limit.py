import threading
import time

import pytest

from service.errors import DeadlineExceeded
from service.inference.concurrency_limit import ConcurrencyLimit


def test_a_slot_is_released_after_the_block() -> None:
    limit = ConcurrencyLimit("things", slots=1)
    for _ in range(3):
        with limit.hold(time.monotonic()):
            pass


def test_a_slot_is_released_if_the_block_raises() -> None:
    limit = ConcurrencyLimit("things", slots=1)
    with pytest.raises(KeyError), limit.hold(time.monotonic()):
        raise KeyError
    with limit.hold(time.monotonic()):
        pass


def test_waiting_for_a_slot_ends_at_the_deadline() -> None:
    limit = ConcurrencyLimit("things", slots=1)
    with limit.hold(time.monotonic()), pytest.raises(DeadlineExceeded, match="too many things"):
        limit.hold(time.monotonic()).__enter__()


def test_a_waiting_thread_continues_when_a_slot_is_released() -> None:
    limit = ConcurrencyLimit("things", slots=1)
    passed = threading.Event()

    def wait() -> None:
        with limit.hold(time.monotonic() + 30):
            passed.set()

    waiting = threading.Thread(target=wait)
    with limit.hold(time.monotonic()):
        waiting.start()
        assert not passed.is_set()
    waiting.join(30)
    assert passed.is_set()
