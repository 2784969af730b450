import threading

from service.telemetry import bounded


def test_work_that_is_done_in_time_is_waited_for() -> None:
    done = threading.Event()
    bounded.run(done.set, 60, "quick")
    assert done.is_set()


def test_work_that_takes_longer_is_left_to_itself() -> None:
    go = threading.Event()
    bounded.run(lambda: go.wait(60), 0.01, "slow")
    assert any(thread.name == "slow" and thread.daemon for thread in threading.enumerate())
    go.set()
