"""Traced requests, and what a collector received of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.test import TestResponse

from service.app import create_app
from service.settings import Settings
from tests.otlp_sink import Sink
from tests.service.fakes import ColourEngine
from tests.service.pictures import plain

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SAMPLED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@contextmanager
def serving(settings: Settings) -> Iterator[Flask]:
    """A ready application; tracing depends on the environment."""
    app = create_app(settings, ColourEngine())
    app.extensions["predictor"].start().join()
    yield app
    app.extensions["predictor"].stop()


def predict(app: Flask, **headers: str) -> TestResponse:
    return app.test_client().post("/predict", data=plain("cat"), headers=headers)


def received(app: Flask, sink: Sink) -> Sink:
    """The collector, after the application has exported all spans."""
    app.extensions["predictor"].stop()
    return sink
