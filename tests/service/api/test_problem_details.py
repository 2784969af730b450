import json
import logging
import os
from http import HTTPStatus

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from service.api import problem_details
from service.errors import ERRORS, MAX_DETAIL_LENGTH, BadRequest, QueueFull, ServiceError
from service.telemetry.logs.queue_handler import CAPACITY, BoundedQueueHandler
from tests.service.messages import body


@pytest.fixture
def bare() -> FlaskClient:
    """An app whose routes raise every error."""
    app = Flask("bare")
    problem_details.install(app)
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


def test_members_of_an_error_become_members_of_the_problem() -> None:
    problem = json.loads(problem_details.body(QueueFull("Full.", members={"retry_after_ms": 40}), None))
    assert (problem["code"], problem["retry_after_ms"]) == ("queue_full", 40)


def test_an_unknown_path_is_a_problem(bare: FlaskClient) -> None:
    answer = bare.get("/nothing")
    assert (answer.status_code, body(answer)["code"]) == (404, "not_found")


def test_a_wrong_method_is_answered_with_the_allowed_ones(bare: FlaskClient) -> None:
    answer = bare.post("/bug")
    assert (answer.status_code, body(answer)["code"]) == (405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize(("status", "code"), [(400, "bad_request"), (418, "bad_request")])
def test_errors_of_flask_use_the_codes_of_the_service(bare: FlaskClient, status: int, code: str) -> None:
    assert body(bare.get(f"/abort/{status}"))["code"] == code


def test_a_bug_is_an_internal_error_whose_details_are_only_in_the_log(
    bare: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = bare.get("/bug")
    assert (answer.status_code, body(answer)["code"]) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "secret detail" in caplog.text


def test_a_bug_is_answered_while_stderr_is_blocked(bare: FlaskClient) -> None:
    reading, writing = os.pipe()
    handler = BoundedQueueHandler(writing)
    log = logging.getLogger("cifar10")
    log.addHandler(handler)
    try:
        handler.handle(logging.LogRecord("x", logging.ERROR, "", 1, "x" * (1 << 20), None, None))  # fills the pipe
        for _ in range(CAPACITY + 10):
            assert bare.get("/bug").status_code == 500
    finally:
        log.removeHandler(handler)
        os.close(reading)


def test_no_two_errors_have_the_same_code() -> None:
    codes = [error.code for error in ERRORS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_has_a_status_a_code_a_title_and_a_hint(error: type[ServiceError]) -> None:
    assert 400 <= HTTPStatus(error.status) < 600
    assert error.code.isascii()
    assert error.code.replace("_", "").islower()
    assert error.title
    assert error.hint


def test_a_detail_is_truncated() -> None:
    assert BadRequest("x" * MAX_DETAIL_LENGTH).detail == "x" * MAX_DETAIL_LENGTH
    assert BadRequest("x" * 500_000).detail == "x" * MAX_DETAIL_LENGTH + "…"
