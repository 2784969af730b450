"""Reading a request's body, within a size and a time."""

import time
from collections.abc import Callable

from flask import Request, g, request

from service.errors import BadRequest, BodyTimeout, BodyTooLarge, ServiceError
from service.telemetry.observation import Observation

_CHUNK_BYTES = 1 << 16

LARGE_BYTES = 1 << 20


def read(limit: int, timeout: float, on_large: Callable[[], object] = lambda: None) -> bytes:
    """The body of the current request, ``limit`` bytes at most, received within ``timeout`` seconds.

    ``on_large`` is called once when more than :data:`LARGE_BYTES` have arrived. Raises :class:`BodyTooLarge`,
    :class:`BodyTimeout`, :class:`BadRequest` or what ``on_large`` raises.
    """
    observation: Observation = g.observation
    with observation.stages.stage("receive", since=observation.stages.taken):
        announced = request.content_length
        if announced is not None and announced > limit:
            raise BodyTooLarge(f"The body is {announced} bytes; at most {limit} are accepted.")
        body = bytearray()
        failure: Exception | None = None
        try:
            _collect(request, body, limit, on_large)
        except ServiceError:
            raise
        except Exception as error:  # WSGI does not say what a server's stream raises
            failure = error
        finally:
            observation.body_bytes = len(body)
        if failure or (announced is not None and len(body) < announced):
            # The server ends the stream of a request that is not received in time.
            if time.monotonic() >= observation.stages.taken + timeout:
                raise BodyTimeout(f"The request was not received within {timeout:g} s.") from failure
            if failure:
                raise BadRequest("The body is malformed, or the connection was lost.") from failure
            raise BadRequest(f"The body ended after {len(body)} of {announced} bytes.")
        return bytes(body)


def _collect(request: Request, body: bytearray, limit: int, on_large: Callable[[], object]) -> None:
    stream, is_large = request.environ["wsgi.input"], False
    while chunk := stream.read(_CHUNK_BYTES):
        body += chunk
        if len(body) > limit:
            raise BodyTooLarge(f"The body is more than {limit} bytes.")
        if len(body) > LARGE_BYTES and not is_large:
            is_large = True
            on_large()
