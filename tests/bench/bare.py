"""The API with its telemetry taken out: the baseline of what telemetry costs. Not for serving."""

from flask import Flask, g

from service.app import create_app
from service.telemetry.stages import Stages
from service.telemetry.trace_context import TraceContext


def create_bare_app() -> Flask:
    """The service's app without its hooks and without its prediction metrics."""
    app = create_app()
    app.before_request_funcs.clear()
    app.after_request_funcs.clear()
    predictor = app.extensions["predictor"]
    predictor.batcher.on_batch = lambda batch: None
    predictor.metrics.predictions.answered = lambda images, predictions: None
    predictor.metrics.predictions.received = lambda pixels: None
    trace = TraceContext("0" * 32, "0" * 16, sampled=False)

    def begin() -> None:
        g.stages, g.request_id, g.trace = Stages(), "", trace

    app.before_request(begin)
    return app
