"""What happens around every request: its ids, its stage times, its headers, and having it recorded."""

import random
import re
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from service.telemetry.metrics.http import METHODS, HttpMetrics
from service.telemetry.observation import Observation
from service.telemetry.recorder import Recorder
from service.telemetry.stages import Stages
from service.telemetry.tracing.trace_context import from_traceparent

if TYPE_CHECKING:
    from service.telemetry.tracing.tracer import Tracer

ARRIVED, TAKEN = "cifar10.arrived", "cifar10.taken"
"""WSGI environ keys that the server sets: when the request arrived, and when a thread took it (monotonic)."""

MAX_WAIT_SECONDS = 60.0
"""An X-Request-Start that is longer ago is taken for a wrong clock."""

_VALID_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def install(
    app: Flask, http: HttpMetrics, tracer: "Tracer | None", recorder: Recorder, *, trust_request_start: bool
) -> None:
    """Observe every request of the app. Call it after all routes are registered: it creates their metrics."""

    def begin() -> None:
        route = request.url_rule.rule if request.url_rule else None
        g.observation = _observe(route, tracer, trust_request_start)
        http.started(g.observation.method)

    def end(response: Response) -> Response:
        observation: Observation = g.observation
        observation.finish(response.status_code)
        http.finished(observation.method)
        response.headers.update(observation.headers())
        if tracer and observation.span:
            tracer.answered(observation.span, response.headers.items())
        recorder.add(observation)
        return response

    rules = app.url_map.iter_rules()
    http.expect((method, rule.rule) for rule in rules for method in METHODS if method in (rule.methods or ()))
    app.before_request(begin)
    app.after_request(end)


def new_id() -> str:
    """An id for a request without a valid X-Request-Id."""
    return f"{random.getrandbits(128):032x}"


def _observe(route: str | None, tracer: "Tracer | None", trust_request_start: bool) -> Observation:
    environ = request.environ
    stages = Stages(*_arrival(environ, trust_request_start))
    begun = tracer.begin(environ, route, stages.arrived) if tracer else None
    span, trace = begun or (None, from_traceparent(environ.get("HTTP_TRACEPARENT")))
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return Observation(
        request_id=given if _VALID_ID.fullmatch(given) else new_id(),
        trace=trace,
        stages=stages,
        method=request.method,
        path=request.path,
        route=route,
        client=environ.get("REMOTE_ADDR"),
        span=span,
    )


def _arrival(environ: Mapping[str, Any], trust_request_start: bool) -> tuple[float, float]:
    """When the request arrived, and when a thread took it (monotonic).

    It arrives at the ``X-Request-Start`` if that is trusted and plausible, else when the server saw its first byte.
    """
    now = time.monotonic()
    taken: float = environ.get(TAKEN, now)
    arrived: float = environ.get(ARRIVED, taken)
    if trust_request_start and (start := _epoch_seconds(environ.get("HTTP_X_REQUEST_START", ""))) is not None:
        ago = time.time() - start
        if 0 <= ago <= MAX_WAIT_SECONDS:
            arrived = now - ago
    return arrived, taken


def _epoch_seconds(header: str) -> float | None:
    """An X-Request-Start in seconds since the epoch.

    Proxies write ``t=`` and seconds (nginx's ``$msec``), milliseconds or microseconds.
    """
    try:
        moment = float(header.strip().removeprefix("t="))
    except ValueError:
        return None
    for smallest, unit in ((1e14, 1e6), (1e11, 1e3)):
        if moment >= smallest:
            return moment / unit
    return moment
