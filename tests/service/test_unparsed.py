import json
import logging
import socket
import time
from collections.abc import Sequence

import pytest
from gunicorn.http.errors import (
    ConfigurationProblem,
    InvalidHeader,
    InvalidRequestLine,
    InvalidRequestMethod,
    InvalidResponseHeader,
    LimitRequestHeaders,
    LimitRequestLine,
    UnsupportedTransferCoding,
)

from service import unparsed
from service.telemetry.observation import Observation
from service.telemetry.recorder import Recorder


def refused(error: Exception) -> tuple[list[str], dict[str, object], Observation]:
    """The lines of the answer's head, its body, and what was recorded."""
    seen: list[Sequence[Observation]] = []
    recorder = Recorder([seen.append])
    ours, theirs = socket.socketpair()
    with ours, theirs:
        unparsed.refuse(ours, "10.1.2.3", error, recorder)
        head, _, body = theirs.recv(1 << 16).decode().partition("\r\n\r\n")
    recorder.flush()
    [[observation]] = seen
    assert f"Content-Length: {len(body)}" in head.splitlines()
    return head.splitlines(), json.loads(body), observation


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (LimitRequestLine(5000, 4094), 414, "uri_too_long"),
        (LimitRequestHeaders("limit request headers fields size"), 431, "header_too_large"),
        (InvalidRequestLine("hello"), 400, "malformed_request"),
        (InvalidRequestMethod("get"), 400, "malformed_request"),
        (InvalidHeader("CONTENT-LENGTH"), 400, "malformed_request"),
        (UnsupportedTransferCoding("gzip"), 400, "malformed_request"),
        (ConfigurationProblem("the path does not start with SCRIPT_NAME"), 400, "malformed_request"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
def test_what_is_no_request_is_refused_and_recorded_as_others_are(error: Exception, status: int, code: str) -> None:
    head, problem, observation = refused(error)
    assert head[0].startswith(f"HTTP/1.1 {status} ")
    assert {"Content-Type: application/problem+json", "Connection: close"} < set(head)
    assert f"X-Request-Id: {observation.request_id}" in head
    assert f"traceresponse: {observation.trace.header}" in head
    assert (problem["code"], problem["status"], problem["request_id"]) == (code, status, observation.request_id)
    assert observation.refusal
    assert (observation.refusal.code, observation.status, observation.route) == (code, status, None)
    assert observation.client == "10.1.2.3"


@pytest.mark.parametrize("error", [InvalidResponseHeader("X"), RuntimeError("a bug")])
def test_what_is_no_fault_of_the_client_is_an_internal_error_that_only_the_log_tells(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR):
        head, problem, _ = refused(error)
    assert head[0] == "HTTP/1.1 500 Internal Server Error"
    assert problem["code"] == "internal_error"
    assert str(error) not in str(problem)
    assert str(error) in caplog.text


def test_a_client_that_has_gone_is_no_error(caplog: pytest.LogCaptureFixture) -> None:
    seen: list[Sequence[Observation]] = []
    recorder = Recorder([seen.append])
    ours, theirs = socket.socketpair()
    theirs.close()
    with ours:
        unparsed.refuse(ours, None, InvalidRequestLine("hello"), recorder)
    recorder.flush()
    assert len(seen) == 1
    assert caplog.text == ""


def test_each_refusal_has_the_second_it_was_sent_in(monkeypatch: pytest.MonkeyPatch) -> None:
    for now, date in ((1.9, "Thu, 01 Jan 1970 00:00:01 GMT"), (2.0, "Thu, 01 Jan 1970 00:00:02 GMT")):
        monkeypatch.setattr(time, "time", lambda now=now: now)
        head, _, _ = refused(InvalidRequestLine("hello"))
        assert f"Date: {date}" in head


def test_refusing_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        unparsed.refuse(ours, None, InvalidRequestLine("hello"), None)  # type: ignore[arg-type]
    assert "refusing a request of None failed" in caplog.text
