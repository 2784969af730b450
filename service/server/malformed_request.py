"""Requests that the server cannot parse never reach the application; they are answered and recorded here."""

import logging
import socket
from http import HTTPStatus

from service.api import problem_details
from service.errors import ServiceError
from service.telemetry.middleware import new_id
from service.telemetry.observation import Observation, Refusal
from service.telemetry.recorder import Recorder
from service.telemetry.stages import Stages
from service.telemetry.tracing.trace_context import from_traceparent

UNKNOWN = "-"
"""In place of a method or path that could not be parsed."""

SEND_TIMEOUT_SECONDS = 1.0

log = logging.getLogger("cifar10")


def refuse(
    connection: socket.socket, client: str | None, error: ServiceError, stages: Stages, recorder: Recorder
) -> None:
    """Answer on the connection and leave it to be closed; never raises."""
    try:
        observation = Observation(
            request_id=new_id(),
            trace=from_traceparent(None),
            stages=stages,
            method=UNKNOWN,
            path=UNKNOWN,
            route=None,
            client=client,
            refusal=Refusal(error.code, error.detail),
        )
        observation.finish(error.status)
        recorder.add(observation)
        connection.settimeout(SEND_TIMEOUT_SECONDS)
        connection.sendall(_response(error, observation))
    except OSError:  # the client has closed the connection
        pass
    except Exception:
        log.exception("answering a malformed request of %s failed", client)


def _response(error: ServiceError, observation: Observation) -> bytes:
    body = problem_details.body(error, observation).encode()
    headers = {
        "Content-Type": problem_details.CONTENT_TYPE,
        "Content-Length": str(len(body)),
        "Connection": "close",
        **observation.headers(),
    }
    lines = [f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body
