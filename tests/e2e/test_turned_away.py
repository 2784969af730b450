import json
import math
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial

import pytest

from tests.e2e.server import Server, eventually, running
from tests.e2e.test_endpoints import samples
from tests.e2e.traffic import BIRD, Answer, answer, post

CLIENTS = 24
ROUNDS = 20
TRACE = "0af7651916cd43dd8448eb211c80319c"
OF_A_REFUSAL = {"Server", "Date", "Connection", "Content-Type", "Content-Length", "Retry-After", "X-Request-Id",
                "traceresponse", "Server-Timing"}  # fmt: skip


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has room for one image beside the one it computes."""
    small = {"queue_capacity": 1, "max_images": 1, "max_batch": 1, "deadline_seconds": 60, "body_timeout_seconds": 60}
    with running(tmp_path_factory.mktemp("narrow"), log_format="json", **small) as server:
        yield server.wait_until_ready()


def ask(connection: socket.socket, number: str) -> Answer:
    fields = (f"Content-Length: {len(BIRD)}", f"X-Request-Id: {number}", f"traceparent: 00-{TRACE}-b7ad6b7169203331-00")
    connection.sendall(post(BIRD, *fields))
    return answer(connection)


def flood(server: Server) -> dict[str, Answer]:
    """What so many clients, each on one connection, are answered, by the ids that they sent."""
    answers: dict[str, Answer] = {}

    def client(name: int) -> None:
        with server.connect(60) as connection:
            for each in range(ROUNDS):
                answers[f"{name}.{each}"] = ask(connection, f"{name}.{each}")

    threads = [threading.Thread(target=client, args=[name]) for name in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def has_room(server: Server) -> bool:
    """Whether it has room; a place is given back a moment after its client has been answered."""
    return server.predict(BIRD).status_code == 200


def refused(server: Server) -> float:
    return samples(server.ops("/metrics").text)['cifar10_requests_refused_total{"code": "queue_full"}']


def test_a_flood_on_kept_connections_is_refused_and_counted_and_the_rest_answered(narrow: Server) -> None:
    before = refused(narrow)
    answers = flood(narrow)
    assert len(answers) == CLIENTS * ROUNDS  # all of a client's came on the one connection
    turned_away = {number: each for number, each in answers.items() if each.status == 429}
    assert turned_away
    assert {each.status for each in answers.values()} == {200, 429}
    for number, each in answers.items():
        assert each.headers["X-Request-Id"] == number
        assert each.headers["traceresponse"].split("-")[1] == TRACE
        assert each.headers["Connection"] == "keep-alive"
        if each.status == 200:
            assert json.loads(each.body)["predict"] == "bird"
    for number, each in turned_away.items():
        problem = json.loads(each.body)
        assert each.headers.keys() == OF_A_REFUSAL
        assert int(each.headers["Retry-After"]) == math.ceil(problem["retry_after_ms"] / 1000) >= 1
        assert (problem["code"], problem["request_id"], problem["trace_id"]) == ("queue_full", number, TRACE)
    assert refused(narrow) - before == len(turned_away)
    eventually(lambda: has_room(narrow), what="room again")


def test_clients_that_send_their_requests_slowly_take_nobodys_place(narrow: Server) -> None:
    with ExitStack() as stack:
        for _ in range(5):
            stack.enter_context(narrow.connect()).sendall(post(BIRD[:9], f"Content-Length: {len(BIRD)}"))
        eventually(lambda: has_room(narrow), what="room beside them")


def test_pipelined_requests_are_answered_in_order(narrow: Server) -> None:
    received = b""

    def both() -> bool:
        nonlocal received
        with narrow.connect() as connection:
            connection.sendall(post() + b"GET /healthz HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n")
            received = b"".join(iter(partial(connection.recv, 1 << 16), b""))
        return b"HTTP/1.1 429" not in received

    eventually(both, what="room")
    _, first, second = received.split(b"HTTP/1.1 200 OK")
    assert json.loads(first.partition(b"\r\n\r\n")[2])["predict"] == "bird"
    assert json.loads(second.partition(b"\r\n\r\n")[2])
