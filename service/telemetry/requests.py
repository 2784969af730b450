"""What is done around every request: its ids, its stage times, the headers that carry them, and having it recorded."""

import logging
import random
import re
import time
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, g, request

from service.telemetry import arrival
from service.telemetry.metrics.http import METHODS, HttpMetrics
from service.telemetry.observation import Observation
from service.telemetry.recorder import Recorder
from service.telemetry.stages import Stages, milliseconds, server_timing
from service.telemetry.tracing import Tracing

log = logging.getLogger("cifar10")

_SANE_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")


def install(app: Flask, http: HttpMetrics, tracing: Tracing, recorder: Recorder, *, trust_request_start: bool) -> None:
    """Observe every request of the app. Call it last: every route has its metrics created here."""

    def begin() -> None:
        route = request.url_rule.rule if request.url_rule else None
        g.observation = observe(request.environ, request.path, route, tracing, trust_request_start=trust_request_start)
        http.started(g.observation.method)

    def end(response: Response) -> Response:
        observation: Observation = g.observation
        finish(observation, response.status_code)
        http.finished(observation.method)
        for name, value in headers(observation).items():
            response.headers.add(name, value)  # extend() takes twice as long
        tracing.answered(observation.span, response.headers.items())
        recorder.add(observation)
        return response

    rules = app.url_map.iter_rules()
    http.expect((method, rule.rule) for rule in rules for method in METHODS if method in (rule.methods or ()))
    app.before_request(begin)
    app.after_request(end)


def observe(
    environ: Mapping[str, Any], path: str, route: str | None, tracing: Tracing, *, trust_request_start: bool
) -> Observation:
    """Begin to observe the request of a WSGI environment; ``route`` is the template of the rule that it matches."""
    stages = Stages(*arrival.moments(environ, time.monotonic(), trust_request_start))
    span, trace = tracing.begin(environ, route, stages.arrived)
    given = environ.get("HTTP_X_REQUEST_ID", "")
    return Observation(
        request_id=given if _SANE_ID.fullmatch(given) else new_id(),
        trace=trace,
        stages=stages,
        method=environ["REQUEST_METHOD"],
        path=path,
        route=route,
        client=environ.get("REMOTE_ADDR"),
        span=span,
    )


def new_id() -> str:
    """For a request that came without a sane one."""
    return f"{random.getrandbits(128):032x}"


def finish(observation: Observation, status: int) -> None:
    """The request is answered now, with that status."""
    observation.seconds = observation.stages.total()
    observation.duration_ms = milliseconds(observation.seconds)
    observation.stages_ms = observation.stages.milliseconds()
    observation.answered_at = time.time()
    observation.status = status


def headers(observation: Observation) -> dict[str, str]:
    """What every answer carries."""
    return {
        "X-Request-Id": observation.request_id,
        "traceresponse": observation.trace.header,
        "Server-Timing": server_timing(observation.stages_ms, observation.duration_ms),
    }
