"""The constant rate, and latencies relative to the time a request was due."""

import itertools
import threading
from pathlib import Path

import pytest

from k8s.rollout_check.load import TOO_MANY, Shape
from k8s.rollout_check.summary import LATE_SECONDS
from tests.k8s.rollout_check.fake import Behaviour, Reply, Request, prediction, running
from tests.k8s.rollout_check.loads import PATIENCE, send

RATE = 25.0
STALLED = range(5, 30)
"""The requests that are blocked by a stall."""


def stalls() -> Behaviour:
    """Responds to stalled requests only after the last of them has arrived, which a closed loop would never send."""
    numbers, last = itertools.count(), threading.Event()

    def behaviour(_: Request) -> Reply:
        number = next(numbers)
        if number == STALLED[-1]:
            last.set()
        if number in STALLED:
            assert last.wait(PATIENCE)
        return prediction()

    return behaviour


def test_latencies_include_the_wait_in_a_stall() -> None:
    with running(stalls()) as fake:
        load = send(fake.url, Shape(RATE, PATIENCE, most=1000), seconds=1.4)
    assert [outcome for outcome in load.outcomes if outcome.lost] == []
    # The last of them comes when it is due or later: the first one waits for a second at least, the next for less.
    waited = [
        outcome.latency >= (STALLED[-1] - number) / RATE for number, outcome in enumerate(load.outcomes[: STALLED.stop])
    ]
    assert sum(waited) >= len(STALLED)


def test_a_late_client_sends_every_request() -> None:
    with running(lambda _: prediction()) as fake:
        load = send(fake.url, Shape(RATE, PATIENCE, most=1000), seconds=0.8, block=0.4)
    assert [outcome.due for outcome in load.outcomes] == [number / RATE for number in range(len(load.outcomes))]
    assert load.outcomes[-1].due >= 1.2 - 1 / RATE - LATE_SECONDS
    late = [outcome for outcome in load.outcomes if outcome.late > LATE_SECONDS]
    assert len(late) >= 0.3 * RATE
    assert all(outcome.latency >= outcome.late for outcome in late)


def test_requests_over_the_limit_in_flight_are_not_sent_and_not_lost() -> None:
    release = threading.Event()

    def answers_at_the_end(_: Request) -> Reply:
        assert release.wait(PATIENCE)
        return prediction()

    with running(answers_at_the_end) as fake:
        timer = threading.Timer(0.9, release.set)
        timer.start()
        load = send(fake.url, Shape(RATE, PATIENCE, most=3), seconds=0.8)
        timer.join()
        assert len(fake.requests) == len(load.outcomes) == 3
    assert [outcome.lost for outcome in load.outcomes] == [""] * 3
    assert load.unsent[TOO_MANY] >= 10


@pytest.mark.parametrize(("keep", "connections"), [(True, {True}), (False, {False}), (None, {True, False})])
def test_each_image_is_sent_on_each_kind_of_connection(
    tmp_path: Path, keep: bool | None, connections: set[bool]
) -> None:
    images = tuple(tmp_path / name for name in ("one.png", "two.png"))
    for image in images:
        image.write_bytes(image.name.encode())
    with running(lambda _: prediction()) as fake:
        send(fake.url, Shape(50, PATIENCE, most=100, keep=keep), 0.4, images)
    for image in images:
        sent = [request for request in fake.requests if image.name.encode() in request.body]
        assert {request.headers["Connection"] == "keep-alive" for request in sent} == connections
