"""Reading a request's body: never more than allowed, never longer than allowed."""

from collections.abc import Callable
from typing import IO

from flask import Request
from gunicorn.http.errors import ParseException

from service.errors import BadRequest, BodyTimeout, BodyTooLarge, ServiceError

_CHUNK_BYTES = 1 << 16

LARGE_BYTES = 1 << 20


def read(
    request: Request,
    limit: int,
    on_large: Callable[[], object] = lambda: None,
    on_end: Callable[[int], object] = lambda length: None,
) -> bytes:
    """The whole body, of ``limit`` bytes at most.

    ``on_large`` is called once when more than a megabyte has come, ``on_end`` with the bytes that were read, be it in
    vain. Where the body is not read to its end, the answer closes the connection.

    Raises :class:`BodyTooLarge` (before reading, where a length is announced), :class:`BodyTimeout` or
    :class:`BadRequest`.
    """
    try:
        return _read(request, limit, on_large, on_end)
    except ServiceError:
        # What is left of the body stands where the next request would.
        close = getattr(request.environ.get("gunicorn.socket"), "close_after_answer", None)
        if close:
            close()
        raise


def _read(request: Request, limit: int, on_large: Callable[[], object], on_end: Callable[[int], object]) -> bytes:
    announced = request.content_length
    if announced is not None and announced > limit:
        raise BodyTooLarge(f"The body is {announced} bytes; at most {limit} are accepted.")
    body = bytearray()
    try:
        _collect(request.environ["wsgi.input"], body, announced, limit, on_large)
    except TimeoutError as error:
        raise BodyTimeout("The body did not come in time.") from error
    except (OSError, ParseException) as error:
        raise BadRequest("The body broke off.") from error
    finally:
        on_end(len(body))
    if announced is not None and len(body) < announced:
        raise BadRequest(f"The body broke off after {len(body)} of {announced} bytes.")
    return bytes(body)


def _collect(
    stream: IO[bytes], body: bytearray, announced: int | None, limit: int, on_large: Callable[[], object]
) -> None:
    is_large = False
    # The server's stream ends where the body does, whether it came with a length or in chunks.
    while (not body or len(body) != announced) and (chunk := stream.read(_CHUNK_BYTES)):
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(f"The body is more than {limit} bytes.")
        if len(body) > LARGE_BYTES and not is_large:
            is_large = True
            on_large()
