"""Stage times; and that every millisecond of a prediction belongs to a stage."""

import io
import re
import time

import pytest
from flask.testing import FlaskClient

from model.engines import Engine
from service.app import Predictor
from service.inference import batcher, image_decoding, postprocess
from service.inference.job import Answer, Job
from service.telemetry.middleware import ARRIVED, TAKEN
from service.telemetry.stages import STAGES, Stages, milliseconds, server_timing
from tests.service.fakes import Clock
from tests.service.pictures import plain
from tests.service.scrape import value


def test_a_stage_that_raises_is_timed() -> None:
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


@pytest.mark.parametrize(("seconds", "rounded"), [(0.0012344, 1.234), (0.0012346, 1.235), (4e-7, 0.0), (61.5, 61500.0)])
def test_times_are_rounded_to_the_microsecond(seconds: float, rounded: float) -> None:
    assert milliseconds(seconds) == rounded


def test_the_total_includes_the_wait_for_a_thread() -> None:
    assert Stages(arrived=time.monotonic() - 5.0).total() >= 5.0


def test_a_stage_may_have_begun_earlier() -> None:
    stages = Stages()
    began = time.monotonic() - 5.0
    with stages.stage("receive", since=began):
        pass
    assert stages.passed[-1].started == began
    assert stages.passed[-1].seconds >= 5.0


HEADER = re.compile(r"(\w+);dur=([\d.]+)")


@pytest.fixture
def clock(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    monkeypatch.setattr(predictor.batcher, "_clock", clock)
    return clock


@pytest.fixture
def engine(predictor: Predictor) -> Engine:
    assert predictor.loader.engine is not None
    return predictor.loader.engine


class Trickle(io.BytesIO):
    """A body whose every read takes three milliseconds; there are two, the last of which finds the end."""

    def __init__(self, body: bytes, clock: Clock) -> None:
        super().__init__(body)
        self.read = clock.slowed(super().read, 3)  # type: ignore[method-assign]


def stages_of(client: FlaskClient, body: bytes, clock: Clock) -> dict[str, float]:
    """The stages and the total, in milliseconds, of a request that waited eleven milliseconds for its thread."""
    overrides = {
        "wsgi.input": Trickle(body, clock),
        ARRIVED: clock.now - 0.011,
        TAKEN: clock.now,
        "CONTENT_LENGTH": str(len(body)),
    }
    header = client.post("/predict", environ_overrides=overrides).headers["Server-Timing"]
    return {name: float(found) for name, found in HEADER.findall(header)}


def test_every_millisecond_of_a_prediction_belongs_to_a_stage(
    client: FlaskClient, clock: Clock, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_decoding, "decode", clock.slowed(image_decoding.decode, 5))
    monkeypatch.setattr(batcher, "Job", clock.slowed(Job, 7))
    monkeypatch.setattr(engine, "predict", clock.slowed(engine.predict, 13))
    monkeypatch.setattr(batcher, "Answer", clock.slowed(Answer, 17))
    monkeypatch.setattr(postprocess, "from_logits", clock.slowed(postprocess.from_logits, 19))
    expected = {
        "wait": 11,
        "receive": 6,
        "decode": 5,
        "queue": 7,
        "batch": 0,
        "inference": 13,
        "wake": 17,
        "encode": 19,
    }
    assert tuple(expected) == STAGES
    found = stages_of(client, plain("cat"), clock)
    assert found == pytest.approx({**expected, "total": sum(expected.values())}, abs=0.001)


def test_every_millisecond_of_a_refusal_belongs_to_a_stage(
    client: FlaskClient, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image_decoding, "decode", clock.slowed(image_decoding.decode, 5))
    found = stages_of(client, b"no image", clock)
    assert found == pytest.approx({"wait": 11, "receive": 6, "decode": 5, "total": 22}, abs=0.001)


def test_a_request_past_its_deadline_spent_its_time_in_the_queue(
    client: FlaskClient, predictor: Predictor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batcher, "Job", clock.slowed(Job, 6000))
    found = stages_of(client, plain("cat"), clock)
    assert found == pytest.approx({"wait": 11, "receive": 6, "decode": 0, "queue": 6000, "total": 6017}, abs=0.001)
    assert value(predictor, "cifar10_stage_duration_seconds_sum", stage="queue") == pytest.approx(6)
