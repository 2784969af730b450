"""``GET /healthz``: is the process alive. ``GET /readyz``: should it get traffic, and if not, why not."""

from flask import Blueprint, Response, jsonify

from service.batching import Batcher
from service.lifecycle import Lifecycle, State

LONGEST_BATCH_SECONDS = 60.0
"""A batch that computes for longer is taken for a deadlock; the slowest honest one takes well under a second."""


def blueprint(lifecycle: Lifecycle, batcher: Batcher) -> Blueprint:
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> tuple[Response, int]:
        # Only what a restart would mend: a model that cannot load would not load the next time either.
        alive = batcher.alive(LONGEST_BATCH_SECONDS)
        return jsonify(status="alive" if alive else "the batching thread is dead or stuck"), 200 if alive else 503

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        checks = {name: {"passed": check.passed, "detail": check.detail} for name, check in lifecycle.checks().items()}
        ready = lifecycle.ready
        response = jsonify(ready=ready, state=lifecycle.state, since=lifecycle.since, checks=checks)
        if not ready and lifecycle.state in (State.LOADING, State.WARMING):
            response.headers["Retry-After"] = "1"
        return response, 200 if ready else 503

    return routes
