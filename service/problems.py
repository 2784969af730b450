"""Refusals as RFC 9457 problem details, whoever raised them: our code, Flask's routing or a bug."""

import logging
from http import HTTPStatus

from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from service.encoding import encode
from service.errors import BadRequest, BodyTooLarge, MethodNotAllowed, NotFound, ServiceError
from service.telemetry.observation import Observation, Refusal

log = logging.getLogger("cifar10")

TYPE = "urn:cifar10:error:"
"""The problem's type is this and its code: an identifier, not an address, since every deployment has its own."""

CONTENT_TYPE = "application/problem+json"


def install(app: Flask) -> None:
    """Answer every exception of the app as ``application/problem+json``."""
    app.register_error_handler(ServiceError, respond)
    app.register_error_handler(HTTPException, lambda error: respond(_translate(error)))
    app.register_error_handler(Exception, _unexpected)


def respond(error: ServiceError) -> Response:
    """The response for a refusal; remembers it for the access log and the metrics."""
    observation = g.get("observation")  # the ops port's requests are not observed
    if observation:
        observation.refusal = Refusal(error.code, error.detail)
    return Response(body(error, observation), error.status, error.headers, content_type=CONTENT_TYPE)


def body(error: ServiceError, observation: Observation | None) -> str:
    """The problem as JSON."""
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
    """Flask's own refusals in our words."""
    headers = {name: value for name, value in error.get_headers() if name == "Allow"}
    match error.code:
        case HTTPStatus.NOT_FOUND:
            return NotFound(f"There is nothing at {request.path}.")
        case HTTPStatus.METHOD_NOT_ALLOWED:
            return MethodNotAllowed(
                f"{request.method} is not possible at {request.path}, only {headers.get('Allow', '')}.", headers=headers
            )
        case HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return BodyTooLarge("The body is too large.")
        case int(code) if code < HTTPStatus.INTERNAL_SERVER_ERROR:
            return BadRequest(error.description or "The request cannot be understood.")
        case _:
            return ServiceError("Something went wrong inside the server.")


def _unexpected(error: Exception) -> Response:
    observation: Observation | None = g.get("observation")
    trace = observation.trace if observation else None
    fields = {
        "request_id": observation.request_id if observation else None,
        "trace_id": trace.trace_id if trace else None,
        "span_id": trace.span_id if trace else None,
    }
    log.error("%s %s failed", request.method, request.path, exc_info=error, extra={"fields": fields})
    return respond(ServiceError("Something went wrong inside the server; the request was not at fault."))
