"""Lost requests, by kind."""

import threading

import pytest

from k8s.rollout_check.load import Shape
from tests.k8s.rollout_check.fake import HangUp, Reply, Request, prediction, problem, running
from tests.k8s.rollout_check.loads import PATIENCE, send
from tests.k8s.rollout_check.tool import rollout_check

BAD: list[tuple[Reply | HangUp, str, str]] = [
    (problem(503, "draining", "Shutting down."), "503 draining", "Shutting down."),
    (problem(429, "queue_full", "64 of 64 wait."), "429 queue_full", "64 of 64 wait."),
    (Reply(502, "no JSON object"), "502", "BaseHTTP"),
    (Reply(200, {"hello": "world"}), "wrong answer", "200, but no prediction"),
    (HangUp(), "closed without an answer", ""),
    (HangUp(reset=True), "connection reset", ""),
]
"""Bad responses, with their kind and detail in the report."""
FIRST = 5
"""Number of requests before the first bad response."""


def bad_ones(request: Request) -> Reply:
    """Each bad response once."""
    if FIRST <= request.number < FIRST + len(BAD):
        reply = BAD[request.number - FIRST][0]
        if isinstance(reply, HangUp):
            raise reply
        return reply
    return prediction()


def test_a_lost_request_is_reported_by_kind_and_not_retried() -> None:
    with running(bad_ones) as fake:
        done = rollout_check("--url", fake.url, "-o", "json")
    found = done.json
    assert done.code == found["exit_code"] == 1
    losses = {loss["kind"]: loss for loss in found["losses"]}
    assert losses.keys() == {kind for _, kind, _ in BAD}
    for _, kind, detail in BAD:
        assert losses[kind]["count"] == 1
        assert detail in losses[kind]["detail"]
    assert found["sent"] == len(fake.requests) - 1
    assert found["lost"] == len(BAD)


def test_the_report_shows_time_connection_and_detail_of_losses() -> None:
    def drains(request: Request) -> Reply:
        return prediction() if request.number <= FIRST else problem(503, "draining", "Shutting down.")

    with running(drains) as fake:
        done = rollout_check("--url", fake.url, "--no-keep-alive")
    assert done.code == 1
    sent = len(fake.requests) - 1
    lost = sent - FIRST
    lines = done.report.splitlines()
    assert lines[0] == f"LOST {lost} of {sent} requests:"
    assert lines[1].startswith(f"{lost:6d}  503 draining  from 0.1 to 0.")
    assert lines[1].endswith(f"s, {lost} on new connections; the first: Shutting down.")
    assert any(line.startswith("lost  ") for line in lines)


def test_another_class_from_the_same_version_is_lost() -> None:
    with running(lambda request: prediction("cat" if request.number == FIRST else "bird")) as fake:
        load = send(fake.url, Shape(50, PATIENCE, most=100), seconds=0.4)
    [wrong] = [outcome for outcome in load.outcomes if outcome.lost]
    assert (wrong.lost, wrong.detail) == ("wrong answer", "cat for test_image.png, which 1.0.0 called bird before")


def test_a_request_on_a_connection_that_is_closed_meanwhile_is_lost() -> None:
    def hangs_up_on_the_second(request: Request) -> Reply:
        if request.on_connection:
            raise HangUp
        return prediction()

    with running(hangs_up_on_the_second) as fake:
        load = send(fake.url, Shape(50, PATIENCE, most=100, keep=True), seconds=0.5)
    lost = [outcome for outcome in load.outcomes if outcome.lost]
    assert {(outcome.lost, outcome.kept) for outcome in lost} == {("closed without an answer", True)}
    assert len(lost) == sum(request.on_connection == 1 for request in fake.requests)


def test_a_connection_that_the_server_closes_gracefully_is_not_reused() -> None:
    with running(lambda _: prediction(Connection="close")) as fake:
        load = send(fake.url, Shape(50, PATIENCE, most=100, keep=True), seconds=0.5)
    assert [outcome for outcome in load.outcomes if outcome.lost] == []
    assert {request.on_connection for request in fake.requests} == {0}


@pytest.mark.parametrize("keep", [True, False])
def test_a_missing_response_is_a_timeout(keep: bool) -> None:
    over = threading.Event()

    def silent(_: Request) -> Reply:
        over.wait()
        return prediction()

    with running(silent) as fake:
        load = send(fake.url, Shape(20, 0.2, most=100, keep=keep), seconds=0.2)
        over.set()
    assert {outcome.lost for outcome in load.outcomes} == {"timeout"}
    assert all(outcome.latency >= 0.2 for outcome in load.outcomes)
