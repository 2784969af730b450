import json
import socket
from collections.abc import Sequence

import pytest

from service.errors import ERRORS, HeaderTooLarge, MalformedRequest, ServiceError, UriTooLong
from service.server import malformed_request
from service.telemetry.observation import Observation
from service.telemetry.recorder import Recorder
from service.telemetry.stages import Stages


def refuse(error: ServiceError) -> tuple[list[str], dict[str, object], Observation]:
    """The lines of the answer's head, its body, and what was recorded."""
    recorded: list[Sequence[Observation]] = []
    recorder = Recorder([recorded.append])
    ours, client = socket.socketpair()
    with ours, client:
        malformed_request.refuse(ours, "10.1.2.3", error, Stages(arrived=99.0, taken=100.0), recorder)
        head, _, body = client.recv(1 << 16).decode().partition("\r\n\r\n")
    recorder.flush()
    [[observation]] = recorded
    assert f"Content-Length: {len(body)}" in head.splitlines()
    return head.splitlines(), json.loads(body), observation


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: error.code)
def test_every_error_is_answered_as_a_problem_and_recorded(error: type[ServiceError]) -> None:
    head, problem, observation = refuse(error("What was wrong."))
    assert head[0].startswith(f"HTTP/1.1 {error.status} ")
    assert {"Content-Type: application/problem+json", "Connection: close"} < set(head)
    assert problem["code"] == error.code
    assert problem["detail"] == "What was wrong."
    assert problem["hint"] == error.hint
    assert observation.refusal == (error.code, "What was wrong.")
    assert (observation.status, observation.route, observation.client) == (error.status, None, "10.1.2.3")


def test_the_ids_and_times_of_the_answer_are_those_that_are_recorded() -> None:
    head, problem, observation = refuse(MalformedRequest("No request line."))
    assert f"X-Request-Id: {observation.request_id}" in head
    assert f"traceresponse: {observation.trace.header}" in head
    assert (problem["request_id"], problem["trace_id"]) == (observation.request_id, observation.trace.trace_id)
    [timing] = [line for line in head if line.startswith("Server-Timing: ")]
    assert timing == f"Server-Timing: wait;dur=1000.0, total;dur={observation.duration_ms}"


@pytest.mark.parametrize(("error", "reason"), [(UriTooLong, "Too Long"), (HeaderTooLarge, "Too Large")])
def test_the_status_line_has_a_reason(error: type[ServiceError], reason: str) -> None:
    assert reason in refuse(error("x"))[0][0]


def test_a_client_that_has_disconnected_is_recorded_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    recorded: list[Sequence[Observation]] = []
    recorder = Recorder([recorded.append])
    ours, client = socket.socketpair()
    client.close()
    with ours:
        malformed_request.refuse(ours, None, MalformedRequest("x"), Stages(), recorder)
    recorder.flush()
    assert len(recorded) == 1
    assert caplog.text == ""


def test_it_never_raises(caplog: pytest.LogCaptureFixture) -> None:
    ours, client = socket.socketpair()
    with ours, client:
        malformed_request.refuse(ours, None, MalformedRequest("x"), Stages(), None)  # type: ignore[arg-type]
    assert "answering a malformed request of None failed" in caplog.text
