import io
from contextlib import suppress
from types import SimpleNamespace
from typing import IO

import pytest
from flask import Request

from service import bodies
from service.errors import BadRequest, BodyTimeout, BodyTooLarge, ServiceError
from tests.service.incoming import request


def read(given: Request, max_body_bytes: int = 1 << 20) -> bytes:
    return bodies.read(given, max_body_bytes)


class BrokenStream(io.RawIOBase):
    """A body that fails after its first bytes."""

    def __init__(self, failure: OSError) -> None:
        self.failure = failure
        self.calls = 0

    def read(self, size: int = -1) -> bytes:
        self.calls += 1
        if self.calls > 1:
            raise self.failure
        return b"abc"


def test_an_announced_length_over_the_limit_is_refused_before_reading() -> None:
    with pytest.raises(BodyTooLarge, match="2000000 bytes"):
        read(request(BrokenStream(OSError("must not be read")), length=2_000_000))


def test_an_unannounced_body_is_refused_when_it_passes_the_limit() -> None:
    with pytest.raises(BodyTooLarge):
        read(request(io.BytesIO(bytes(100))), max_body_bytes=99)


def test_a_body_of_exactly_the_limit_is_accepted() -> None:
    assert len(read(request(bytes(100)), max_body_bytes=100)) == 100


def test_a_body_that_stalls_is_a_time_out() -> None:
    with pytest.raises(BodyTimeout, match="in time"):
        read(request(BrokenStream(TimeoutError()), length=10))


@pytest.mark.parametrize("body", [BrokenStream(ConnectionResetError()), io.BytesIO(b"abc")])
def test_a_body_that_breaks_off_is_a_bad_request(body: IO[bytes]) -> None:
    with pytest.raises(BadRequest, match="broke off"):
        read(request(body, length=10))


@pytest.mark.parametrize(
    ("stream", "length", "read"),
    [
        (io.BytesIO(b"abc"), 3, 3),
        (io.BytesIO(b""), 0, 0),
        (io.BytesIO(b"abc"), 10, 3),
        (BrokenStream(TimeoutError()), 10, 3),
        (BrokenStream(ConnectionResetError()), 10, 3),
        (io.BytesIO(bytes(100)), None, 100),
    ],
)
def test_at_the_end_it_says_how_much_came_be_it_in_vain(stream: IO[bytes], length: int | None, read: int) -> None:
    said: list[int] = []
    with suppress(ServiceError):
        bodies.read(request(stream, length=length), 50, on_end=said.append)
    assert said == [read]


def test_a_body_that_is_not_read_has_no_end() -> None:
    said: list[int] = []
    with pytest.raises(BodyTooLarge):
        bodies.read(request(io.BytesIO(b"abc"), length=100), 50, on_end=said.append)
    assert said == []


def test_a_body_that_grows_large_says_so_once() -> None:
    said: list[str] = []
    body = bytes(3 * bodies.LARGE_BYTES)
    assert bodies.read(request(body), 1 << 30, lambda: said.append("large")) == body
    assert said == ["large"]
    bodies.read(request(bytes(bodies.LARGE_BYTES)), 1 << 30, lambda: said.append("large"))
    assert said == ["large"]


@pytest.mark.parametrize(("limit", "closes"), [(10, False), (9, True)])
def test_the_connection_is_closed_after_a_body_that_was_not_read_to_its_end(limit: int, closes: bool) -> None:
    said: list[str] = []
    given = request(bytes(10))
    given.environ["gunicorn.socket"] = SimpleNamespace(close_after_answer=lambda: said.append("close"))
    with suppress(BodyTooLarge):
        bodies.read(given, limit)
    assert bool(said) == closes
