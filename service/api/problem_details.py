"""Error responses as RFC 9457 problem details, raised by our code, by Flask's routing or by a bug."""

import logging
from http import HTTPStatus

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from service.errors import BadRequest, MethodNotAllowed, NotFound, ServiceError
from service.json_encoding import encode
from service.telemetry.observation import Observation, Refusal

log = logging.getLogger("cifar10")

TYPE = "urn:cifar10:error:"
"""The problem's type is this followed by its code: an identifier, not an address."""

CONTENT_TYPE = "application/problem+json"


def install(app: Flask) -> None:
    """Answer every exception of the app as ``application/problem+json``."""
    app.register_error_handler(ServiceError, respond)
    app.register_error_handler(HTTPException, lambda error: respond(_translate(error)))
    app.register_error_handler(Exception, _unexpected)


def respond(error: ServiceError) -> Response:
    """The response for an error, which is also added to the request's observation."""
    observation: Observation | None = g.get("observation")  # the operations server's requests have none
    if observation:
        observation.refusal = Refusal(error.code, error.detail)
    return Response(body(error, observation), error.status, error.headers, content_type=CONTENT_TYPE)


def body(error: ServiceError, observation: Observation | None) -> str:
    """The problem document."""
    problem = {
        "type": TYPE + error.code,
        "title": error.title,
        "status": error.status,
        "detail": error.detail,
        "code": error.code,
        "hint": error.hint,
        **error.members,
        "request_id": observation.request_id if observation else None,
        "trace_id": observation.trace.trace_id if observation else None,
    }
    return encode(problem, indented=True).decode() + "\n"


def _translate(error: HTTPException) -> ServiceError:
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    match error.code:
        case HTTPStatus.NOT_FOUND:
            return NotFound(f"There is no endpoint {request.path}.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodNotAllowed(
                f"{request.path} does not support {request.method}, only {headers.get('Allow', '')}.", headers=headers
            )
        case int(code) if code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return BadRequest(error.description or "The request cannot be understood.")
        case _:
            return ServiceError("The server failed to process the request.")


def _unexpected(error: Exception) -> Response:
    observation: Observation | None = g.get("observation")
    ids = observation.ids() if observation else {}
    log.error("%s %s failed", request.method, request.path, exc_info=error, extra={"fields": ids})
    return respond(ServiceError("The server failed to process the request. The request is not at fault."))
