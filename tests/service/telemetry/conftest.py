"""An application whose spans a collector receives."""

from collections.abc import Iterator

import pytest
from flask import Flask

from service.settings import Settings
from tests.otlp_sink import Sink, running
from tests.service.telemetry.traced import serving


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with running() as sink:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint)
        yield sink


@pytest.fixture
def traced(sink: Sink, settings: Settings) -> Iterator[Flask]:
    with serving(settings) as app:
        yield app
