import time

import pytest

from service.telemetry.stages import Stages


def test_a_stage_is_timed_also_when_it_fails() -> None:
    stages = Stages()

    def fail() -> None:
        with stages.stage("decode"):
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011
        fail()
    assert [stage.name for stage in stages.passed] == ["wait", "decode"]


def test_the_header_is_in_milliseconds_and_ends_with_the_total() -> None:
    stages = Stages(arrived=100.0, taken=100.25)
    stages.record("decode", 0.0, 0.0012)
    stages.record("queue", 0.0, 0.0)
    assert stages.server_timing(0.5) == "wait;dur=250.000, decode;dur=1.200, queue;dur=0.000, total;dur=500.000"


def test_waiting_for_a_thread_belongs_to_the_total() -> None:
    assert Stages(arrived=time.monotonic() - 5.0).total() >= 5.0


def test_a_stage_that_began_before_counts_from_there() -> None:
    stages = Stages()
    began = time.monotonic() - 5.0
    with stages.stage("receive", since=began):
        pass
    assert stages.passed[-1].started == began
    assert stages.passed[-1].seconds >= 5.0
