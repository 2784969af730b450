"""What one worker process tells another: its own part of the metrics."""

from flask import Blueprint, Response

from service.siblings import COUNTED
from service.telemetry.metrics.merging import dump
from service.telemetry.metrics.workers import AllWorkers


def blueprint(workers: AllWorkers) -> Blueprint:
    routes = Blueprint("counted", __name__)

    @routes.get(COUNTED)
    def counted() -> Response:
        return Response(dump(workers.own()), mimetype="application/json")

    return routes
