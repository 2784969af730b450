"""``GET /metrics``: Prometheus text or OpenMetrics, as the Accept header asks; of all workers together."""

from flask import Blueprint, Response, request
from prometheus_client.exposition import choose_encoder

from service.telemetry.metrics.catalogue import Metrics


def blueprint(measured: Metrics) -> Blueprint:
    routes = Blueprint("metrics", __name__)

    @routes.get("/metrics")
    def metrics() -> Response:
        try:
            encode, content_type = choose_encoder(request.headers.get("Accept", ""))
        except Exception:  # it takes the header's word for what a version number is
            encode, content_type = choose_encoder("")
        text = encode(measured.all_workers)
        measured.exposition.scraped(text)
        return Response(text, content_type=content_type)

    return routes
