import json
import re

import pytest

from tests.e2e.server import Server, eventually
from tests.e2e.traffic import BIRD, answer, post


@pytest.mark.parametrize(
    ("request_", "status", "code"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed_request"),  # a TLS handshake
        (b"hello\r\n\r\n", 400, "malformed_request"),
        (b"get / HTTP/1.1\r\n\r\n", 400, "malformed_request"),
        (b"GET / HTTP/9.9\r\n\r\n", 400, "malformed_request"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400, "malformed_request"),
        (post(b"hello", "Content-Length: five"), 400, "malformed_request"),
        (post(b"hello", "Content-Length: -5"), 400, "malformed_request"),
        (post(b"hello", "Content-Length: 5", "Content-Length: 6"), 400, "malformed_request"),
        (post(b"hello", "Content-Length: 5", "Transfer-Encoding: chunked"), 400, "malformed_request"),
        (post(b"hello", "Transfer-Encoding: gzip"), 400, "malformed_request"),
        (b"GET /" + b"x" * 5_000 + b" HTTP/1.1\r\n\r\n", 414, "uri_too_long"),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 20_000 + b"\r\n\r\n", 431, "header_too_large"),
        (b"GET / HTTP/1.1\r\n" + b"X: x\r\n" * 200 + b"\r\n", 431, "header_too_large"),
    ],
    ids=lambda value: repr(value[:30]) if isinstance(value, bytes) else None,
)
def test_a_malformed_request_is_refused_counted_logged_and_disconnected(
    sturdy: Server, request_: bytes, status: int, code: str
) -> None:
    before = counted(sturdy, code)
    with sturdy.connect() as connection:
        connection.sendall(request_)
        found = answer(connection)
        assert found.status == status
        assert found.headers["Content-Type"] == "application/problem+json"
        assert found.headers["Connection"] == "close"
        assert connection.recv(1) == b""
    problem = json.loads(found.body)
    assert problem["code"] == code
    assert problem["request_id"] == found.headers["X-Request-Id"]
    assert problem["trace_id"] in found.headers["traceresponse"]
    assert counted(sturdy, code) == tuple(count + 1 for count in before)
    eventually(lambda: problem["request_id"] in sturdy.log(), what="the log line")
    [line] = [line for line in sturdy.records() if line.get("request_id") == problem["request_id"]]
    assert (line["status"], line["code"], line["client"]) == (status, code, "127.0.0.1")


def counted(server: Server, code: str) -> tuple[float, float]:
    """Requests refused with the code, and requests that match no route."""
    lines = server.ops("/metrics").text.splitlines()
    refused = [line for line in lines if line.startswith("cifar10_requests_refused_total{") and f'"{code}"' in line]
    unmatched = [line for line in lines if "_duration_seconds_count{" in line and '"_unmatched"' in line]
    return sum(float(line.split()[-1]) for line in refused), sum(float(line.split()[-1]) for line in unmatched)


def test_broken_chunks_after_the_answer_are_not_answered_again(sturdy: Server) -> None:
    with sturdy.connect() as connection:
        connection.sendall(b"POST /nothing HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n")
        answers = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"404"]


@pytest.mark.parametrize("body", [b"zzz\r\nhello\r\n", b"5\r\nhelloworld\r\n0\r\n\r\n", b"-1\r\n\r\n"])
def test_broken_chunks_are_the_clients_fault(sturdy: Server, body: bytes) -> None:
    with sturdy.connect() as connection:
        connection.sendall(post(body, "Transfer-Encoding: chunked"))
        assert answer(connection).status == 400
        assert connection.recv(1000) == b""


def test_a_body_in_chunks_is_answered(sturdy: Server) -> None:
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(BIRD), BIRD)
    with sturdy.connect() as connection:
        connection.sendall(post(body, "Transfer-Encoding: chunked"))
        assert answer(connection).status == 200


def test_garbage_after_a_good_request_does_not_change_its_answer(sturdy: Server) -> None:
    with sturdy.connect() as connection:
        connection.sendall(post() + b"\x00\x01garbage\r\n\r\n")
        answers = b"".join(iter(lambda: connection.recv(1 << 16), b""))
    assert re.findall(rb"HTTP/1.1 (\d+)", answers) == [b"200", b"400"]


@pytest.mark.parametrize("sent", [b"POST /pre", post()[:-500], post(b"", "Transfer-Encoding: chunked")])
def test_a_client_that_disconnects_early_does_not_affect_others(sturdy: Server, sent: bytes) -> None:
    for _ in range(5):
        with sturdy.connect() as connection:
            connection.sendall(sent)


def test_a_client_that_disconnects_early_is_logged_as_a_bad_request(sturdy: Server) -> None:
    with sturdy.connect() as connection:
        connection.sendall(post(b"half", "Content-Length: 4321", "X-Request-Id: gone"))
    eventually(lambda: any(record.get("request_id") == "gone" for record in sturdy.records()), what="the log line")
    [record] = [record for record in sturdy.records() if record.get("request_id") == "gone"]
    assert (record["status"], record["code"]) == (400, "bad_request")
    assert "4 of 4321 bytes" in record["message"]
