"""What is done around every request: its ids, its stage times, the headers that carry them, metrics, spans, a log line.

All of it reads the same :class:`~service.telemetry.stages.Stages`, so that they tell the same numbers.
"""

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

from service.telemetry import access
from service.telemetry.metrics.catalogue import Metrics
from service.telemetry.metrics.http import METHODS
from service.telemetry.stages import Stages
from service.telemetry.tracing import Tracing

log = logging.getLogger("cifar10")

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def install(app: Flask, metrics: Metrics, tracing: Tracing) -> None:
    """Observe every request of the app. Call it last: every route has its metrics created here."""
    tracing.install(app)

    def begin() -> None:
        g.stages = Stages(_waited())
        given = request.headers.get("X-Request-Id", "")
        g.request_id = given if _SANE_ID.fullmatch(given) else uuid.uuid4().hex
        g.trace = tracing.current()
        metrics.http.started(request.method)

    def finish(response: Response) -> Response:
        seconds = g.stages.total()
        response.headers["X-Request-Id"] = g.request_id
        response.headers["traceresponse"] = g.trace.header
        response.headers["Server-Timing"] = g.stages.server_timing(seconds)
        try:
            _record(response.status_code, seconds)
        except Exception:  # whatever goes wrong with watching a request, the request itself did not
            log.exception("recording a request failed")
        return response

    def _record(status: int, seconds: float) -> None:
        route = request.url_rule.rule if request.url_rule else None
        metrics.http.finished(request.method, route, status, seconds, g.trace.exemplar)
        if "body_bytes" in g:
            metrics.http.body(g.body_bytes)
        for pixels in g.get("sizes", ()):
            metrics.predictions.received(pixels)
        if error := g.get("error"):
            metrics.http.refused(error.code)
            metrics.serving.shed(error.code)
        elif "predictions" in g:
            metrics.serving.answered(g.stages.passed, g.trace.exemplar)
            metrics.predictions.answered(g.pixels, g.predictions)
        tracing.stages(g.stages.passed, g.batch.mark if "batch" in g else None, _attributes())
        access.write(route, status, seconds)

    rules = app.url_map.iter_rules()
    metrics.http.expect((method, rule.rule) for rule in rules for method in METHODS if method in (rule.methods or ()))
    app.before_request(begin)
    app.after_request(finish)


def _waited() -> float:
    """Seconds since the request's first byte: waiting for a thread, reading the header; 0 if the server can't tell."""
    arrived: float | None = getattr(request.environ.get("gunicorn.socket"), "arrived", None)
    return time.monotonic() - arrived if arrived is not None else 0.0


def _attributes() -> dict[str, str | int]:
    attributes: dict[str, str | int] = {"cifar10.request.id": g.request_id}
    if error := g.get("error"):
        attributes["error.type"] = error.code
    if "batch" in g:
        attributes["cifar10.batch.size"] = g.batch.size
        attributes["cifar10.predicted_class"] = g.predictions[0].label
        attributes["cifar10.images"] = len(g.predictions)
    return attributes
