"""Every millisecond of a prediction belongs to a stage: the server is slowed down in one place after the other."""

import io
import re
import time
from types import SimpleNamespace

import pytest
from flask.testing import FlaskClient

from model.engines import Engine
from service import images, predictions
from service.app import Predictor
from service.telemetry.stages import STAGES
from tests.service.clock import Clock
from tests.service.pictures import plain

HEADER = re.compile(r"(\w+);dur=([\d.]+)")


class Trickle(io.BytesIO):
    """A body whose every read takes six milliseconds."""

    def __init__(self, body: bytes, clock: Clock) -> None:
        super().__init__(body)
        self.read = clock.slowed(super().read, 6)  # type: ignore[method-assign]


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


def milliseconds(client: FlaskClient, body: bytes, clock: Clock) -> dict[str, float]:
    """The stages and the total of a request that waited eleven milliseconds for its thread."""
    overrides = {
        "wsgi.input": Trickle(body, clock),
        "gunicorn.socket": SimpleNamespace(arrived=clock.now - 0.011, taken=clock.now),
        "CONTENT_LENGTH": str(len(body)),
    }
    header = client.post("/predict", environ_overrides=overrides).headers["Server-Timing"]
    return {name: float(found) for name, found in HEADER.findall(header)}


def test_each_place_where_time_passes_has_its_stage(
    client: FlaskClient, predictor: Predictor, clock: Clock, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    batcher = predictor.batcher
    monkeypatch.setattr(images, "decode", clock.slowed(images.decode, 5))
    monkeypatch.setattr(batcher, "_still_wanted", clock.slowed(batcher._still_wanted, 7))
    monkeypatch.setattr(engine, "predict", clock.slowed(engine.predict, 13))
    monkeypatch.setattr(batcher, "on_batch", clock.slowed(batcher.on_batch, 17))
    monkeypatch.setattr(predictions, "from_logits", clock.slowed(predictions.from_logits, 19))
    found = milliseconds(client, plain("cat"), clock)
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
    assert found == pytest.approx({**expected, "total": sum(expected.values())}, abs=0.001)


def test_a_refusals_time_is_explained_too(client: FlaskClient, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "decode", clock.slowed(images.decode, 5))
    found = milliseconds(client, b"no image", clock)
    assert found == pytest.approx({"wait": 11, "receive": 6, "decode": 5, "total": 22}, abs=0.001)


def test_what_came_too_late_spent_its_time_in_the_queue(
    client: FlaskClient, predictor: Predictor, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    batcher = predictor.batcher
    monkeypatch.setattr(batcher, "_still_wanted", clock.slowed(batcher._still_wanted, 6000))
    found = milliseconds(client, plain("cat"), clock)
    assert found == pytest.approx({"wait": 11, "receive": 6, "decode": 0, "queue": 6000, "total": 6017}, abs=0.001)
    predictor.record()
    labels = {"stage": "queue"}
    assert predictor.metrics.registry.get_sample_value("cifar10_stage_duration_seconds_sum", labels) == pytest.approx(6)
