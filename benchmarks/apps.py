"""Variants of the application, to measure what its parts cost; not for serving."""

from flask import Flask, g

from service.app import create_app
from service.telemetry.observation import Observation
from service.telemetry.stages import Stages
from service.telemetry.tracing.trace_context import TraceContext


def recording_inline() -> Flask:
    """Requests are recorded by the thread that answers them, as they are after the recorder was stopped."""
    app = create_app()
    app.extensions["predictor"].recorder.stop()
    return app


def without_telemetry() -> Flask:
    """No request is counted, traced or logged; batches still are counted."""
    app = create_app()
    app.before_request_funcs.clear()
    app.after_request_funcs.clear()
    trace = TraceContext("0" * 32, "0" * 16, sampled=False)

    def begin() -> None:
        g.observation = Observation("", trace, Stages(), "", "", None, None)

    app.before_request(begin)
    return app
