import pytest

from tests.bench.peers.channel import Broken, complete

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    ("received", "ended", "status"),
    [
        (b"HTTP/1.1 200", False, None),
        (HEAD + b"Content-Length: 2\r\n\r\n{", False, None),
        (HEAD + b"Content-Length: 2\r\n\r\n{}", False, 200),
        (HEAD + b"content-length:2\r\n\r\n{}", False, 200),
        (b"HTTP/1.1 429 Too Many\r\nContent-Length: 0\r\n\r\n", False, 429),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", False, None),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", False, 200),
        (HEAD + b"\r\n{}", False, None),
        (HEAD + b"\r\n{}", True, 200),
        (HEAD + b"Content-Length: 2\r\n\r\n{", True, None),
    ],
)
def test_an_answer_counts_once_all_of_it_is_there(received: bytes, ended: bool, status: int | None) -> None:
    assert complete(received, ended=ended) == status


def test_what_is_not_http_is_no_answer() -> None:
    with pytest.raises(Broken):
        complete(b"SSH-2.0\r\n\r\n", ended=False)
