import json
import logging
import os
import time

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from service import problems
from service.errors import ERRORS, QueueFull, ServiceError
from service.telemetry.sink import CAPACITY, Sink
from tests.service.answers import body


@pytest.fixture
def bare() -> FlaskClient:
    """An app with nothing but problems, and routes that raise each of them."""
    app = Flask("bare")
    problems.install(app)
    by_code = {error.code: error for error in ERRORS}

    @app.get("/raise/<code>")
    def raise_(code: str) -> str:
        raise by_code[code]("What was wrong.", headers={"Retry-After": "3"})

    @app.get("/abort/<int:status>")
    def abort_(status: int) -> str:
        abort(status)

    @app.get("/bug")
    def bug() -> str:
        raise KeyError("secret detail")

    return app.test_client()


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_becomes_problem_json(bare: FlaskClient, error: type[ServiceError]) -> None:
    answer = bare.get(f"/raise/{error.code}")
    assert answer.status_code == error.status
    assert answer.content_type == "application/problem+json"
    assert answer.headers["Retry-After"] == "3"
    assert body(answer) == {
        "type": f"urn:cifar10:error:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": "What was wrong.",
        "code": error.code,
        "hint": error.hint,
        "request_id": None,
        "trace_id": None,
    }


def test_what_a_program_shall_read_is_a_member_of_the_problem() -> None:
    problem = json.loads(problems.body(QueueFull("Full.", members={"retry_after_ms": 40}), None))
    assert (problem["code"], problem["retry_after_ms"]) == ("queue_full", 40)


def test_an_unknown_path_is_a_problem(bare: FlaskClient) -> None:
    answer = bare.get("/nothing")
    assert (answer.status_code, body(answer)["code"]) == (404, "not_found")


def test_a_wrong_method_says_which_are_allowed(bare: FlaskClient) -> None:
    answer = bare.post("/bug")
    assert (answer.status_code, body(answer)["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(("status", "code"), [(400, "bad_request"), (413, "body_too_large"), (418, "bad_request")])
def test_flasks_own_refusals_use_our_codes(bare: FlaskClient, status: int, code: str) -> None:
    assert body(bare.get(f"/abort/{status}"))["code"] == code


def test_a_bug_is_an_internal_error_that_tells_the_log_and_not_the_client(
    bare: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = bare.get("/bug")
    assert (answer.status_code, body(answer)["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


def test_a_bug_is_answered_though_nobody_reads_the_log(bare: FlaskClient) -> None:
    reading, writing = os.pipe()
    sink = Sink(writing)
    log = logging.getLogger("cifar10")
    log.addHandler(sink)
    try:
        sink.handle(logging.LogRecord("x", logging.ERROR, "", 1, "x" * (1 << 20), None, None))  # more than a pipe holds
        started = time.monotonic()
        for _ in range(CAPACITY + 10):
            assert bare.get("/bug").status_code == 500
        assert time.monotonic() - started < 100
    finally:
        log.removeHandler(sink)
        os.close(reading)
        sink.close()
