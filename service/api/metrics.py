"""``GET /metrics``: Prometheus text or OpenMetrics, as the Accept header asks, of all workers together."""

from flask import Blueprint, Response, request
from prometheus_client.exposition import choose_encoder

from service.multiprocess.merging import dump
from service.multiprocess.peers import COUNTERS
from service.telemetry.metrics.telemetry_health import TelemetryMetrics
from service.telemetry.metrics.workers import AllWorkers


def blueprint(workers: AllWorkers, telemetry: TelemetryMetrics) -> Blueprint:
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def scrape() -> Response:
        try:
            encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        except Exception:  # choose_encoder() fails on a malformed version number
            encode, content_type = choose_encoder("")
        text = encode(workers)
        telemetry.scraped(text)
        return Response(text, content_type=content_type)

    return routes


def peer_blueprint(workers: AllWorkers) -> Blueprint:
    """What the other worker processes ask this one: its own metrics."""
    routes = Blueprint("peer_metrics", __name__)

    @routes.get(COUNTERS)
    def counters() -> Response:
        return Response(dump(workers.own()), mimetype="application/json")

    return routes
