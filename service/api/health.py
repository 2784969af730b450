"""``GET /healthz``: is the process alive. ``GET /readyz``: is the server ready for traffic, and if not, why not.

With several worker processes, both consider all of them.
"""

from flask import Blueprint, Response, jsonify

from service.inference.batcher import Batcher
from service.lifecycle import STARTING, Lifecycle
from service.multiprocess.peers import Peers

MAX_BATCH_SECONDS = 60.0
"""A batch that takes longer is considered a deadlock; a batch normally takes less than a second."""


def blueprint(lifecycle: Lifecycle, batcher: Batcher, peers: Peers | None = None) -> Blueprint:
    """Without ``peers``, the endpoints consider this process only."""
    routes = Blueprint("health", __name__)

    @routes.get("/healthz")
    def healthz() -> tuple[Response, int]:
        # Only what a restart can repair: a model that cannot be loaded is not.
        alive = batcher.alive(MAX_BATCH_SECONDS) and (peers is None or peers.alive())
        return jsonify(status="alive" if alive else "the batching thread is dead or stuck"), 200 if alive else 503

    @routes.get("/readyz")
    def readyz() -> tuple[Response, int]:
        own = lifecycle.report()
        reports = [own, *(peers.readiness() if peers else [])]
        shown = next((report for report in reports if not report["ready"]), own)
        response = jsonify(shown)
        if shown["state"] in STARTING:
            response.headers["Retry-After"] = "1"
        return response, 200 if shown["ready"] else 503

    return routes
