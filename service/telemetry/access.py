"""The access log: one line a request, for a person to read and a machine to join with metrics and traces."""

import logging

from flask import g, request

from service.telemetry.metrics.http import QUIET_ROUTES

LOGGER = "cifar10.access"
"""Its records carry their fields in ``extra={"fields": …}``."""

_LONGEST_PATH = 200

log = logging.getLogger(LOGGER)


def write(route: str | None, status: int, seconds: float) -> None:
    """Log the current request; probes and scrapes at debug."""
    level = logging.DEBUG if route in QUIET_ROUTES else logging.INFO
    if not log.isEnabledFor(level):
        return
    error = g.get("error")
    predictions = g.get("predictions", [])
    if error:
        outcome = f"{error.code}: {error.detail}"
    else:
        outcome = ", ".join(f"{one.label} {one.confidence:.2f}" for one in predictions[:4])
        outcome += ", …" if len(predictions) > 4 else ""
    path = request.path[:_LONGEST_PATH]
    fields = {
        "request_id": g.request_id,
        "trace_id": g.trace.trace_id,
        "span_id": g.trace.span_id,
        "method": request.method,
        "path": path,
        "route": route,
        "status": status,
        "code": error.code if error else None,
        "duration_ms": round(1000 * seconds, 3),
        "stages_ms": {stage.name: round(1000 * stage.seconds, 3) for stage in g.stages.passed},
        "predict": [one.label for one in predictions] or None,
        "confidence": [one.confidence for one in predictions] or None,
        "batch_size": g.batch.size if "batch" in g else None,
        "model_version": g.get("model_version"),
        "client": request.remote_addr,
    }
    message = f"{request.method} {path} {status} in {1000 * seconds:.1f} ms {outcome}".rstrip()
    log.log(
        level, "%s", message, extra={"fields": {name: value for name, value in fields.items() if value is not None}}
    )
