import threading
import time

import pytest

from service.errors import DeadlineExceeded
from service.gate import Gate


def test_a_free_slot_is_given_at_once_and_given_back() -> None:
    gate = Gate("things", slots=1)
    for _ in range(3):
        with gate.hold(time.monotonic()):
            pass


def test_a_slot_is_given_back_when_the_block_fails() -> None:
    gate = Gate("things", slots=1)
    with pytest.raises(KeyError), gate.hold(time.monotonic()):
        raise KeyError
    with gate.hold(time.monotonic()):
        pass


def test_without_a_free_slot_the_deadline_ends_the_waiting() -> None:
    gate = Gate("things", slots=1)
    with gate.hold(time.monotonic()), pytest.raises(DeadlineExceeded, match="Too many things"):
        gate.hold(time.monotonic()).__enter__()


def test_whoever_waits_goes_on_when_a_slot_is_given_back() -> None:
    gate = Gate("things", slots=1)
    passed = threading.Event()

    def wait() -> None:
        with gate.hold(time.monotonic() + 30):
            passed.set()

    waiting = threading.Thread(target=wait)
    with gate.hold(time.monotonic()):
        waiting.start()
        assert not passed.is_set()
    waiting.join(30)
    assert passed.is_set()
