"""What gunicorn cannot read as a request, so that the application never sees it: answered and recorded all the same."""

import logging
import socket
import time
from functools import lru_cache
from http import HTTPStatus

from gunicorn.http.errors import (
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    ParseException,
)
from gunicorn.util import http_date, write_nonblock

from service import problems
from service.errors import HeaderTooLarge, MalformedRequest, ServiceError, UriTooLong
from service.telemetry import arrival, requests
from service.telemetry.observation import Observation, Refusal
from service.telemetry.recorder import Recorder
from service.telemetry.stages import Stages
from service.telemetry.trace_context import continued

UNKNOWN = "-"
"""In place of what could not be read."""

_THE_SERVERS_FAULT = (InvalidResponseHeader, InvalidResponseHeaderName)

log = logging.getLogger("cifar10")


def refuse(connection: socket.socket, client: str | None, error: Exception, recorder: Recorder) -> None:
    """Answer on the connection, and leave it to be closed; never raises."""
    try:
        refused = refusal(error)
        if refused.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            log.error("handling a request of %s failed", client, exc_info=error)
        observation = observe(connection, client)
        whole = answer(refused, observation)
        recorder.add(observation)
        write_nonblock(connection, whole)
    except OSError:  # the client has gone
        pass
    except Exception:
        log.exception("refusing a request of %s failed", client)


def refusal(error: Exception) -> ServiceError:
    """What was wrong, in our words; anything but the client's fault is an internal error."""
    match error:
        case LimitRequestLine():
            return UriTooLong(f"{error}.")
        case LimitRequestHeaders():
            return HeaderTooLarge(f"Too many headers, or too long ones: {error}.")
        case ParseException() if not isinstance(error, _THE_SERVERS_FAULT):
            return MalformedRequest(f"{error}.")
        case _:
            return ServiceError("Something went wrong inside the server; the request was not at fault.")


def observe(connection: socket.socket, client: str | None) -> Observation:
    """As much as is known of the request that was begun on the connection."""
    moments = arrival.moments({"gunicorn.socket": connection}, time.monotonic(), trust_header=False)
    return Observation(
        request_id=requests.new_id(),
        trace=continued(None),
        stages=Stages(*moments),
        method=UNKNOWN,
        path=UNKNOWN,
        route=None,
        client=client,
    )


def answer(error: ServiceError, observation: Observation, *, keep: bool = False) -> bytes:
    """The whole answer as it goes over the wire; unless it says ``keep``, the connection is of no more use after it."""
    observation.refusal = Refusal(error.code, error.detail)
    requests.finish(observation, error.status)
    body = problems.body(error, observation).encode()
    headers = {
        "Server": "gunicorn",
        "Date": _date(int(time.time())),
        "Content-Type": problems.CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "keep-alive" if keep else "close",
        **error.headers,
        **requests.headers(observation),
    }
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@lru_cache(maxsize=1)
def _date(second: int) -> str:
    """Put together once for all refusals of a second, as it takes longer than the rest of the head."""
    return str(http_date(second))
