import time
from contextlib import suppress

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from service.api import request_body
from service.app import Predictor
from service.errors import BadRequest, BodyTimeout, BodyTooLarge, DeadlineExceeded, ServiceError
from service.telemetry.logs.access_log import LOGGER
from service.telemetry.middleware import TAKEN
from service.telemetry.observation import Observation
from service.telemetry.stages import Stages
from service.telemetry.tracing.trace_context import from_traceparent
from tests.service.messages import Chunks
from tests.service.pictures import plain

NEVER = 1e9
"""A time-out that no test reaches."""


def read(
    body: Chunks, length: int | None = None, limit: int = 1 << 20, timeout: float = NEVER, ago: float = 0.0
) -> tuple[bytes | ServiceError, Observation]:
    """What is read, or the error, of a request that a thread took ``ago`` seconds ago; and its observation."""
    environ = {"wsgi.input": body, "wsgi.input_terminated": True}
    if length is not None:
        environ["CONTENT_LENGTH"] = str(length)
    with Flask(__name__).test_request_context("/predict", method="POST", environ_overrides=environ):
        stages = Stages(taken=time.monotonic() - ago)
        g.observation = Observation("id", from_traceparent(None), stages, "POST", "/predict", "/predict", None)
        try:
            return request_body.read(limit, timeout), g.observation
        except ServiceError as error:
            return error, g.observation


def test_a_body_is_read_to_its_end() -> None:
    assert read(Chunks(b"abc", b"de"), length=5)[0] == b"abcde"
    assert read(Chunks(b"abc", b"de"))[0] == b"abcde"


def test_an_announced_length_over_the_limit_is_refused_before_reading() -> None:
    error, observation = read(Chunks(AssertionError("was read")), length=2_000_000)
    assert isinstance(error, BodyTooLarge)
    assert "2000000 bytes" in error.detail
    assert observation.body_bytes is None


def test_an_unannounced_body_is_refused_when_it_exceeds_the_limit() -> None:
    error, observation = read(Chunks(bytes(60), bytes(40), AssertionError("was read")), limit=99)
    assert isinstance(error, BodyTooLarge)
    assert observation.body_bytes == 100


def test_a_body_of_exactly_the_limit_is_accepted() -> None:
    assert read(Chunks(bytes(100)), length=100, limit=100)[0] == bytes(100)


@pytest.mark.parametrize(
    ("end", "detail"),
    [
        (b"", "The body ended after 3 of 10 bytes."),
        (ConnectionResetError(), "The body is malformed, or the connection was lost."),
        (ValueError("not a chunk"), "The body is malformed, or the connection was lost."),
    ],
    ids=repr,
)
def test_a_body_that_ends_early_is_a_bad_request(end: bytes | Exception, detail: str) -> None:
    error, observation = read(Chunks(b"abc", end), length=10)
    assert isinstance(error, BadRequest)
    assert error.detail == detail
    assert observation.body_bytes == 3


@pytest.mark.parametrize("end", [b"", ConnectionResetError()], ids=repr)
def test_a_body_that_ends_early_after_the_time_out_was_too_slow(end: bytes | Exception) -> None:
    error, observation = read(Chunks(b"abc", end), length=10, timeout=15, ago=15)
    assert isinstance(error, BodyTimeout)
    assert error.detail == "The request was not received within 15 s."
    assert observation.body_bytes == 3


def test_a_chunked_body_that_breaks_off_is_refused() -> None:
    assert isinstance(read(Chunks(b"abc", OSError()))[0], BadRequest)
    assert isinstance(read(Chunks(b"abc", OSError()), timeout=15, ago=15)[0], BodyTimeout)


def test_a_complete_body_is_accepted_however_long_it_took() -> None:
    assert read(Chunks(b"abc"), length=3, timeout=15, ago=60)[0] == b"abc"


@pytest.mark.parametrize(("size", "calls"), [(request_body.LARGE_BYTES, 0), (3 * request_body.LARGE_BYTES, 1)])
def test_a_large_body_is_reported_once(app: Flask, size: int, calls: int) -> None:
    reported: list[str] = []
    with app.test_request_context("/predict", method="POST", data=bytes(size)):
        app.preprocess_request()
        body = request_body.read(1 << 30, NEVER, lambda: reported.append("large"))
    assert len(body) == size
    assert len(reported) == calls


def test_an_error_of_the_large_body_callback_is_not_hidden(app: Flask) -> None:
    def refuse() -> None:
        raise DeadlineExceeded("Too many large bodies.")

    with app.test_request_context("/predict", method="POST", data=bytes(2 * request_body.LARGE_BYTES)):
        app.preprocess_request()
        with pytest.raises(DeadlineExceeded, match="Too many large bodies"):
            request_body.read(1 << 30, NEVER, refuse)


@pytest.mark.parametrize("path", ["/predict", "/feedback"])
@pytest.mark.parametrize("arrives", [True, False])
def test_receiving_is_a_stage_also_of_a_body_that_does_not_arrive(
    client: FlaskClient, predictor: Predictor, caplog: pytest.LogCaptureFixture, path: str, arrives: bool
) -> None:
    sent = {} if arrives else {"wsgi.input": Chunks(TimeoutError()), "CONTENT_LENGTH": "9", TAKEN: 0.0}
    with caplog.at_level("INFO", LOGGER), suppress(ServiceError):
        answer = client.post(path, data=plain("cat"), environ_overrides=sent)
        predictor.record()
    assert "receive;dur=" in answer.headers["Server-Timing"]
    [line] = [record for record in caplog.records if record.name == LOGGER]
    assert list(line.fields["stages_ms"])[:2] == ["wait", "receive"]  # type: ignore[attr-defined]
