import pytest

from service import asking
from tests.e2e.traffic import post

BODY = b"an image"


def with_fields(*fields: str) -> bytes:
    return post(BODY, f"Content-Length: {len(BODY)}", *fields)


def test_a_whole_request_is_read() -> None:
    data = with_fields("X-Request-Id: abc ", "traceparent: 00-x")
    asked = asking.read(data)
    assert asked
    assert asked.fields == {
        "HOST": "test",
        "CONTENT_LENGTH": "8",
        "X_REQUEST_ID": "abc",
        "TRACEPARENT": "00-x",
    }
    assert (asked.end, asked.received, asked.whole, asked.persistent) == (len(data), len(data), True, True)


def test_a_query_belongs_to_no_path() -> None:
    asked = asking.read(with_fields().replace(b"/predict", b"/predict?a=b"))
    assert asked
    assert asked.query == "a=b"


def test_a_request_ends_where_its_length_says() -> None:
    data = with_fields()
    early, pipelined = asking.read(data[:-1]), asking.read(data + data)
    assert early
    assert not early.whole
    assert pipelined
    assert (pipelined.end, pipelined.received) == (len(data), 2 * len(data))


@pytest.mark.parametrize("field", ["Connection: close", "Connection: Upgrade", "Expect: 100-continue"])
def test_some_connections_end_with_a_refusal(field: str) -> None:
    asked = asking.read(with_fields(field))
    assert asked
    assert not asked.persistent


def test_a_connection_of_http_1_0_ends_with_a_refusal() -> None:
    asked = asking.read(with_fields().replace(b"HTTP/1.1", b"HTTP/1.0"))
    assert asked
    assert not asked.persistent


def test_what_comes_twice_is_one_list() -> None:
    asked = asking.read(with_fields("X-Request-Id: a", "x-request-id: b"))
    assert asked
    assert asked.fields["X_REQUEST_ID"] == "a,b"


def test_no_beginning_of_a_request_is_one() -> None:
    head = with_fields().removesuffix(BODY)
    assert [length for length in range(len(head)) if asking.read(head[:length])] == []


@pytest.mark.parametrize(
    "data",
    [
        b"\r\n" + with_fields(),
        with_fields().replace(b"POST", b"post"),
        with_fields().replace(b"POST", b"GET"),
        with_fields().replace(b"/predict", b"/predict/"),
        with_fields().replace(b"/predict", b"/%70redict"),
        with_fields().replace(b"/predict", b"/predict?" + b"a" * 2000),
        with_fields().replace(b"HTTP/1.1", b"HTTP/2.0"),
        with_fields().replace(b"\r\n", b"\n"),
        with_fields("Transfer-Encoding: chunked"),
        with_fields("Content-Length: 8"),
        with_fields("Host: other"),
        with_fields("Expect: a miracle"),
        with_fields("X_Request_Id: abc"),
        with_fields("X : space"),
        with_fields(": nameless"),
        with_fields("no colon"),
        with_fields("X: a", " folded"),
        with_fields("X: a\x00b"),
        with_fields("X: a\nY: b"),
        with_fields("X: a\rY: b"),
        with_fields(*(f"X-{number}: a" for number in range(100))),
        post(BODY, "X: no length"),
        post(BODY, "Content-Length: -8"),
        post(BODY, "Content-Length: +8"),
        post(BODY, "Content-Length: 8, 8"),
        post(BODY, "Content-Length: 0x8"),
        post(BODY, "Content-Length: " + "9" * 100),
        b"POST /predict HTTP/1.1\r\n\r\n",
        b"",
        b"\x16\x03\x01",
    ],
    ids=lambda data: repr(data[:60]),
)
def test_whatever_else_comes_is_left_to_others(data: bytes) -> None:
    assert asking.read(data) is None
