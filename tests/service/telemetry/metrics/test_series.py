"""The series of a server: all exist from the start, within a budget, with label values from closed sets."""

import io
import json
import random
import socket
import string
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from model.artifact import WEIGHTS
from model.drift import FEATURES
from model.labels import CLASSES
from service.app import Predictor, create_app
from service.errors import ERRORS, HeaderTooLarge, MalformedRequest, UriTooLong
from service.inference.prediction_id import PredictionIds
from service.lifecycle import CHECKS, State
from service.server import malformed_request
from service.settings import Settings
from service.telemetry.logs.queue_handler import LEVELS
from service.telemetry.metrics.drift import BINS
from service.telemetry.metrics.http import DURATION_BUCKETS, STATUSES
from service.telemetry.metrics.process import ProcessMetrics
from service.telemetry.metrics.serving import SHED_CODES
from service.telemetry.middleware import TAKEN
from service.telemetry.stages import STAGES, Stages
from tests.service.fakes import ColourEngine
from tests.service.messages import Chunks, body
from tests.service.pictures import plain
from tests.service.scrape import Series, families, series
from tests.shipped import flip_a_bit

MAX_SERIES = 500
"""Series of one pod; 50,000 for a hundred pods."""

DURATION = "http_server_request_duration_seconds_count"

Start = Callable[..., Flask]


def named(found: Series, name: str) -> list[dict[str, str]]:
    """The labels of the series of that name that are not zero."""
    return [dict(labels) for (each, labels), value in found.items() if each == name and value]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """``start(max_images=4)`` is a ready app with these settings."""
    apps: list[Flask] = []

    def start(**changes: object) -> Flask:
        app = create_app(replace(settings, **changes), ColourEngine())  # type: ignore[arg-type]
        app.extensions["predictor"].start().join()
        apps.append(app)
        return app

    yield start
    for app in apps:
        app.extensions["predictor"].stop()


STALLING = {"environ_overrides": {"wsgi.input": Chunks(), "CONTENT_LENGTH": "9", TAKEN: 0.0}}
"""A body that has not arrived since the computer was started."""


def form(*images: bytes) -> dict[str, Any]:
    return {"data": {"file": [(io.BytesIO(image), "x.png") for image in images]}}


def feedback(prediction_id: str, label: str = "cat") -> dict[str, Any]:
    return {"json": {"prediction_id": prediction_id, "label": label}}


def send_everything(app: Flask) -> None:
    """Every request that a client alone can cause an error with."""
    client = app.test_client()
    prediction_id = body(client.post("/predict", data=plain("cat")))["prediction_id"]
    for sent in (
        *({"data": data} for data in (b"", b"text", plain("cat")[:60], plain("cat", (5000, 5000)), bytes(9 << 20))),
        form(*[plain("cat")] * 33),
        form(),
        {"data": b"garbled", "content_type": "multipart/form-data"},
        STALLING,
    ):
        client.post("/predict", **sent)
    for sent in (
        *(feedback(prediction_id, label) for label in (*CLASSES, "lion")),
        feedback("forged"),
        feedback(PredictionIds("", 30).issue("cat", "f" * 64)),
        {"data": bytes(1 << 17)},
        {"data": b"not JSON"},
        STALLING,
    ):
        client.post("/feedback", **sent)
    for path in ("/model", "/healthz", "/readyz", "/metrics", "/nowhere"):
        for method in ("GET", "HEAD", "POST", "OPTIONS", "BREW"):
            client.open(path, method=method)
    for error in (MalformedRequest, UriTooLong, HeaderTooLarge):
        ours, client_socket = socket.socketpair()
        with ours, client_socket:
            malformed_request.refuse(ours, "10.1.2.3", error("x"), Stages(), app.extensions["predictor"].recorder)


def send_to_each_route(app: Flask) -> None:
    """One request to each route."""
    client = app.test_client()
    client.post("/predict", data=plain("cat"))
    client.post("/predict", **form(plain("cat"), plain("cat")))
    client.post("/feedback", **feedback(PredictionIds("", 30).issue("cat", "f" * 64)))
    client.get("/model")
    client.get("/readyz")


def test_all_series_exist_before_the_first_request(start: Start, settings: Settings) -> None:
    loading = create_app(settings, ColourEngine())
    before = series(loading).keys()
    served, full, late = start(), start(queue_capacity=1, max_images=4), start(deadline_seconds=0.0)
    draining, stopped, broken = start(), start(), start()
    flip_a_bit(Path(settings.model_dir) / WEIGHTS)
    failed = start()
    send_everything(served)
    draining.extensions["predictor"].lifecycle.drain()
    stopped.extensions["predictor"].stop()
    loader = broken.extensions["predictor"].loader
    loader.artifact = loader.verified = "not an artifact"
    others = (loading, full, late, draining, stopped, broken, failed)
    for app in others:
        send_to_each_route(app)

    refused, answered = set(), set()
    for app in (served, *others):
        found = series(app)
        assert {each for each in found if each[0] != "cifar10_model_info"} == before
        refused |= {labels["code"] for labels in named(found, "cifar10_requests_refused_total")}
        answered |= {(one["http_route"], one["http_response_status_code"]) for one in named(found, DURATION)}
    assert refused == {error.code for error in ERRORS}
    assert answered == {(route, status) for route, statuses in STATUSES.items() for status in statuses}


def test_the_number_of_series_is_limited(app: Flask, predictor: Predictor) -> None:
    # Each family that this kernel does not report would be one more series.
    reported = {family.name for family in families(predictor)}
    omitted = {family.name for family in ProcessMetrics(CollectorRegistry(), "x").describe()} - reported
    assert len(series(app)) + len(omitted) <= MAX_SERIES


def test_the_values_of_every_label_are_a_closed_set(app: Flask) -> None:
    found: dict[str, set[str]] = defaultdict(set)
    for name, labels in series(app):
        for label, value in labels:
            if not name.endswith("_info"):
                found[label].add(value)
    del found["le"]
    assert found == {
        "http_request_method": {"GET", "POST", "_OTHER"},
        "http_route": set(STATUSES),
        "http_response_status_code": {status for statuses in STATUSES.values() for status in statuses},
        "code": {error.code for error in ERRORS},
        "reason": {*SHED_CODES, "flood", "unread"},
        "stage": set(STAGES),
        "feature": set(FEATURES),
        "bin": {str(number) for number in range(BINS)},
        "predicted_class": set(CLASSES),
        "label": set(CLASSES),
        "state": set(State),
        "check": set(CHECKS),
        "level": set(LEVELS),
        "result": {"success", "failure"},
        "generation": {"0", "1", "2"},
    }


def test_every_info_metric_is_one_series(app: Flask) -> None:
    infos = [name for name, _ in series(app) if name.endswith("_info")]
    assert sorted(infos) == ["cifar10_build_info", "cifar10_model_info", "python_info"]


def test_all_histograms_of_a_family_have_the_same_buckets(app: Flask) -> None:
    edges: dict[str, dict[tuple[tuple[str, str], ...], set[str]]] = defaultdict(lambda: defaultdict(set))
    for name, labels in series(app):
        if name.endswith("_bucket"):
            child = tuple(each for each in labels if each[0] != "le")
            edges[name][child].add(dict(labels)["le"])
    for children in edges.values():
        first, *others = children.values()
        assert all(other == first for other in others)


def test_the_service_level_objectives_are_buckets_and_two_buckets_are_below_ten_milliseconds() -> None:
    assert {0.25, 1.0} < set(DURATION_BUCKETS)
    assert len([edge for edge in DURATION_BUCKETS if edge < 0.01]) >= 2


def test_random_requests_add_no_series(client: FlaskClient, app: Flask) -> None:
    prediction_id = body(client.post("/predict", data=plain("cat")))["prediction_id"]
    before = series(app).keys()
    dice = random.Random(0)
    for _ in range(10_000):
        word = "".join(dice.choices(string.ascii_letters + string.digits + "/.%", k=12))
        method = dice.choice(["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "TRACE", word[:5].upper()])
        path = dice.choice(
            ["/", "//", "/predict/", "/predict", "/feedback", "/model", "/static/x", "/healthz", f"/{word}"]
        )
        headers = {"Host": f"{word.strip('/.%')}.example", "User-Agent": word, "X-Request-Id": word}
        sent = {"prediction_id": dice.choice([prediction_id, word]), "label": word, "predicted_class": word}
        data = dice.choice([b"", word.encode(), json.dumps(sent).encode()])
        client.open(path, method=method, headers=headers, data=data)
    assert series(app).keys() == before
