import time

import pytest

from service.telemetry.stages import Stages, milliseconds, server_timing


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
    header = server_timing(stages.milliseconds(), milliseconds(0.5))
    assert header == "wait;dur=250.0, decode;dur=1.2, queue;dur=0.0, total;dur=500.0"


@pytest.mark.parametrize(("seconds", "told"), [(0.0012344, 1.234), (0.0012346, 1.235), (4e-7, 0.0), (61.5, 61500.0)])
def test_times_are_told_to_the_microsecond(seconds: float, told: float) -> None:
    assert milliseconds(seconds) == told


def test_waiting_for_a_thread_belongs_to_the_total() -> None:
    assert Stages(arrived=time.monotonic() - 5.0).total() >= 5.0


def test_a_stage_that_began_before_counts_from_there() -> None:
    stages = Stages()
    began = time.monotonic() - 5.0
    with stages.stage("receive", since=began):
        pass
    assert stages.passed[-1].started == began
    assert stages.passed[-1].seconds >= 5.0
