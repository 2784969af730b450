import json
import socket
import time
from collections.abc import Iterator, Sequence
from email import message_from_string
from email.message import Message

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import Predictor
from service.connection import Connection
from service.telemetry.observation import Observation
from service.telemetry.recorder import MOST_WAITING, Recorder
from service.turnstile import Turnstile, Verdict
from tests.e2e.traffic import post

MOST = 4
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FIELDS = ("Content-Length: 5", "X-Request-Id: mine", f"traceparent: {TRACEPARENT}")
REQUEST = post(b"image", *FIELDS)
OF_THE_CONNECTION = {"Server", "Date", "Connection"}
"""Fields that gunicorn adds to what the application answers."""


@pytest.fixture
def pair() -> Iterator[tuple[Connection, socket.socket]]:
    ours, client = socket.socketpair()
    with Connection(ours.family, ours.type, ours.proto, ours.detach()) as connection, client:
        connection.arrived = time.monotonic()
        connection.deadline = connection.arrived + 20
        client.settimeout(20)
        yield connection, client


@pytest.fixture
def seen() -> list[Observation]:
    return []


@pytest.fixture
def turnstile(predictor: Predictor, seen: list[Observation]) -> Turnstile:
    def watch(observations: Sequence[Observation]) -> None:
        seen.extend(observations)

    recorder = Recorder([watch])
    recorder.stop()  # what comes from now on is recorded at once
    return Turnstile(
        predictor.batcher, predictor.lifecycle, predictor.tracing, recorder, most=MOST, trust_request_start=False
    )


@pytest.fixture
def full(predictor: Predictor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predictor.batcher, "_depth", predictor.batcher.capacity)


def answered(client: socket.socket) -> tuple[str, Message, bytes]:
    head, _, body = client.recv(1 << 16).partition(b"\r\n\r\n")
    line, _, fields = head.decode().partition("\r\n")
    return line, message_from_string(fields), body


def test_where_there_is_room_the_request_is_given_back(
    turnstile: Turnstile, pair: tuple[Connection, socket.socket]
) -> None:
    connection, client = pair
    client.sendall(REQUEST)
    assert turnstile.look(connection, None, coming=MOST - 1, keeps=True) is Verdict.COMING
    assert connection.recv(1 << 16) == REQUEST


@pytest.mark.usefixtures("full")
def test_it_refuses_as_the_application_does(
    turnstile: Turnstile, client: FlaskClient, pair: tuple[Connection, socket.socket], seen: list[Observation]
) -> None:
    connection, other = pair
    other.sendall(REQUEST)
    assert turnstile.look(connection, "10.1.2.3", coming=0, keeps=True) is Verdict.KEEP
    line, fields, body = answered(other)
    theirs = client.post("/predict", data=b"image", headers={"X-Request-Id": "mine", "traceparent": TRACEPARENT})
    assert line == "HTTP/1.1 429 Too Many Requests"
    assert theirs.status_code == 429
    assert set(fields) - OF_THE_CONNECTION == set(theirs.headers.keys())
    for name in ("Content-Type", "Content-Length", "Retry-After", "X-Request-Id"):
        assert fields[name] == theirs.headers[name], name
    assert body == theirs.data
    assert json.loads(body)["retry_after_ms"] >= 1
    assert fields["Connection"] == "keep-alive"
    assert fields["traceresponse"][:36] == theirs.headers["traceresponse"][:36] == TRACEPARENT[:36]
    assert fields["Server-Timing"].startswith("wait;dur=")
    [observation] = seen
    assert observation.refusal
    assert (observation.method, observation.path, observation.route) == ("POST", "/predict", "/predict")
    assert (observation.status, observation.refusal.code, observation.client) == (429, "queue_full", "10.1.2.3")


def test_requests_on_their_way_take_places_too(turnstile: Turnstile, pair: tuple[Connection, socket.socket]) -> None:
    connection, client = pair
    client.sendall(REQUEST)
    assert turnstile.look(connection, None, coming=MOST, keeps=True) is Verdict.KEEP
    _, _, body = answered(client)
    assert f"{MOST} requests are on their way" in json.loads(body)["detail"]


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize(
    ("data", "keeps"),
    [
        (REQUEST, False),
        (REQUEST[:-1], True),
        (REQUEST + REQUEST, True),
        (post(b"image", "Content-Length: 5", "Connection: close"), True),
        (post(b"", "Content-Length: 5", "Expect: 100-continue"), True),
        (post(b"", "Content-Length: 100000000"), True),
    ],
    ids=["draining", "body missing", "pipelined", "close", "expects", "large"],
)
def test_the_refusal_is_the_last_where_the_next_request_cannot_follow(
    turnstile: Turnstile, pair: tuple[Connection, socket.socket], data: bytes, keeps: bool
) -> None:
    connection, client = pair
    client.sendall(data)
    assert turnstile.look(connection, None, coming=0, keeps=keeps) is Verdict.CLOSE
    _, fields, _ = answered(client)
    assert fields["Connection"] == "close"


@pytest.mark.usefixtures("full")
def test_a_body_that_is_there_is_taken_off_the_connection(
    turnstile: Turnstile, pair: tuple[Connection, socket.socket]
) -> None:
    connection, client = pair
    client.sendall(post(bytes(20_000)))
    assert turnstile.look(connection, None, coming=0, keeps=True) is Verdict.KEEP
    client.sendall(b"next")
    assert connection.recv(100) == b"next"


@pytest.mark.usefixtures("full")
@pytest.mark.parametrize("data", [b"POST /pre", b"GET /healthz HTTP/1.1\r\n\r\n", b"\x00\xff"])
def test_what_is_no_prediction_goes_to_a_thread(
    turnstile: Turnstile, pair: tuple[Connection, socket.socket], data: bytes
) -> None:
    connection, client = pair
    client.sendall(data)
    assert turnstile.look(connection, None, coming=MOST, keeps=True) is Verdict.PASS
    assert connection.recv(100) == data


def test_it_never_waits(turnstile: Turnstile, pair: tuple[Connection, socket.socket]) -> None:
    connection, _ = pair
    assert turnstile.look(connection, None, coming=MOST, keeps=True) is Verdict.PASS


@pytest.mark.usefixtures("full")
def test_it_does_not_wait_for_requests_to_be_recorded(
    predictor: Predictor, pair: tuple[Connection, socket.socket]
) -> None:
    connection, client = pair
    lost: list[int] = []
    recorder = Recorder([], lost.append, patience=0.01)
    turnstile = Turnstile(
        predictor.batcher, predictor.lifecycle, predictor.tracing, recorder, most=MOST, trust_request_start=False
    )
    with recorder._recording:
        for _ in range(MOST_WAITING + 1):
            client.sendall(REQUEST)
            assert turnstile.look(connection, None, coming=0, keeps=True) is Verdict.KEEP
            answered(client)
    assert not lost


@pytest.mark.usefixtures("full")
def test_a_server_that_is_not_ready_lets_the_application_say_so(
    turnstile: Turnstile, app: Flask, pair: tuple[Connection, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(app.extensions["predictor"].lifecycle), "accepting", False)
    connection, client = pair
    client.sendall(REQUEST)
    assert turnstile.look(connection, None, coming=MOST, keeps=True) is not Verdict.KEEP
    assert connection.recv(1 << 16) == REQUEST


def test_a_batcher_says_how_much_room_it_has(predictor: Predictor) -> None:
    assert predictor.batcher.room == predictor.batcher.capacity
    images = np.zeros((1, 32, 32, 3), np.uint8)
    assert predictor.batcher.wait(predictor.batcher.submit(images, time.monotonic() + 30)).logits.shape == (1, 10)
    assert predictor.batcher.room == predictor.batcher.capacity
