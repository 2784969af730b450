"""More requests than the server can compute, and requests that take too long."""

import json
import math
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial

import pytest
import requests

from tests.e2e.conftest import Start
from tests.e2e.server import Server, eventually, running
from tests.e2e.traffic import BIRD, Answer, answer, assert_refused, parts, post, problem, samples

CLIENTS = 24
ROUNDS = 20
TRACE = "0af7651916cd43dd8448eb211c80319c"
REFUSED = 'cifar10_requests_refused_total{"code": "queue_full"}'


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose queue holds one image."""
    small = {"queue_capacity": 1, "max_images": 1, "max_batch": 1, "deadline_seconds": 60, "body_timeout_seconds": 60}
    with running(tmp_path_factory.mktemp("narrow"), log_format="json", **small) as server:
        yield server.wait_until_ready()


def at_once(clients: int, client: Callable[[int], object], meanwhile: Callable[[], object] = lambda: None) -> None:
    """Run ``client(0)``, ``client(1)``, … on a thread each."""
    threads = [threading.Thread(target=client, args=[number]) for number in range(clients)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        meanwhile()
    for thread in threads:
        thread.join()


def test_overload_is_refused_at_once_and_the_server_stays_ready(start: Start) -> None:
    server = start(queue_capacity=4, max_images=4, max_batch=4, deadline_seconds=60).wait_until_ready()
    answers: list[requests.Response] = []

    def client(number: int) -> None:
        for _ in range(4):
            answers.append(requests.post(server.url(), files=parts(*[BIRD] * 4), timeout=60))

    def stays_ready() -> None:
        assert server.ops("/readyz").status_code == 200

    at_once(20, client, stays_ready)
    counts = Counter(answer.status_code for answer in answers)
    assert len(answers) == 80
    assert counts.keys() == {200, 429}, counts
    for each in answers:
        if each.status_code == 429:
            assert problem(each)["code"] == "queue_full"
            assert int(each.headers["Retry-After"]) >= 1
        else:
            assert [one["predict"] for one in each.json()["predictions"]] == ["bird"] * 4
    seen = samples(server.ops("/metrics").text)
    assert seen[REFUSED] == counts[429]
    assert seen['cifar10_predictions_total{"predicted_class": "bird"}'] == 4 * counts[200]
    assert server.predict(BIRD).status_code == 200


def test_a_prediction_after_its_deadline_gets_504(start: Start) -> None:
    server = start(deadline_seconds=0.01, max_images=256, queue_capacity=256).wait_until_ready()
    late = requests.post(server.url(), files=parts(*[BIRD] * 256), timeout=60)
    assert "deadline" in assert_refused(late, 504, "deadline_exceeded")
    assert {server.predict(BIRD).status_code for _ in range(20)} <= {200, 504}
    assert server.ready()


def ask(connection: socket.socket, number: str) -> Answer:
    fields = (f"Content-Length: {len(BIRD)}", f"X-Request-Id: {number}", f"traceparent: 00-{TRACE}-b7ad6b7169203331-00")
    connection.sendall(post(BIRD, *fields))
    return answer(connection)


def has_room(server: Server) -> bool:
    """Whether a prediction is answered; a place in the queue becomes free shortly after an answer."""
    return server.predict(BIRD).status_code == 200


def test_refusals_keep_their_connections_and_are_counted(narrow: Server) -> None:
    before = samples(narrow.ops("/metrics").text)[REFUSED]
    answers: dict[str, Answer] = {}

    def client(name: int) -> None:
        with narrow.connect(60) as connection:
            for each in range(ROUNDS):
                answers[f"{name}.{each}"] = ask(connection, f"{name}.{each}")

    at_once(CLIENTS, client)
    assert len(answers) == CLIENTS * ROUNDS  # all answers of a client arrived on one connection
    refused = {number: each for number, each in answers.items() if each.status == 429}
    assert refused
    assert {each.status for each in answers.values()} == {200, 429}
    for number, each in answers.items():
        assert each.headers["X-Request-Id"] == number
        assert each.headers["traceresponse"].split("-")[1] == TRACE
        assert each.headers["Connection"] == "keep-alive"
        if each.status == 200:
            assert json.loads(each.body)["predict"] == "bird"
    for number, each in refused.items():
        found = json.loads(each.body)
        assert int(each.headers["Retry-After"]) == math.ceil(found["retry_after_ms"] / 1000) >= 1
        assert (found["code"], found["request_id"], found["trace_id"]) == ("queue_full", number, TRACE)
    assert samples(narrow.ops("/metrics").text)[REFUSED] - before == len(refused)
    eventually(lambda: has_room(narrow), what="room in the queue")


def test_a_request_that_is_sent_slowly_takes_no_place_in_the_queue(narrow: Server) -> None:
    with ExitStack() as stack:
        for _ in range(2):  # the server has three threads
            stack.enter_context(narrow.connect()).sendall(post(BIRD[:9], f"Content-Length: {len(BIRD)}"))
        eventually(lambda: has_room(narrow), what="room in the queue")


def test_pipelined_requests_are_answered_in_order(narrow: Server) -> None:
    received = b""

    def both() -> bool:
        nonlocal received
        with narrow.connect() as connection:
            connection.sendall(post() + b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            received = b"".join(iter(partial(connection.recv, 1 << 16), b""))
        return b"HTTP/1.1 429" not in received

    eventually(both, what="room in the queue")
    _, first, second = received.split(b"HTTP/1.1 200 OK")
    assert json.loads(first.partition(b"\r\n\r\n")[2])["predict"] == "bird"
    assert json.loads(second.partition(b"\r\n\r\n")[2])
