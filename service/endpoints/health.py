"""``GET /healthz``: is the process alive. ``GET /readyz``: should it get traffic, and if not, why not.

Where there are several worker processes, all of them count.
"""

from flask import Blueprint, Response, jsonify

from service.batching import Batcher
from service.lifecycle import STARTING, Lifecycle
from service.siblings import Siblings

LONGEST_BATCH_SECONDS = 60.0
"""A batch that computes for longer is taken for a deadlock; the slowest honest one takes well under a second."""


def blueprint(lifecycle: Lifecycle, batcher: Batcher, siblings: Siblings) -> Blueprint:
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> tuple[Response, int]:
        # Only what a restart would mend: a model that cannot load would not load the next time either.
        alive = batcher.alive(LONGEST_BATCH_SECONDS) and siblings.alive()
        return jsonify(status="alive" if alive else "the batching thread is dead or stuck"), 200 if alive else 503

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        own = lifecycle.report()
        told = next((each for each in (own, *siblings.readiness()) if not each["ready"]), own)
        response = jsonify(told)
        if told["state"] in STARTING:
            response.headers["Retry-After"] = "1"
        return response, 200 if told["ready"] else 503

    return routes
