"""The header, the log line, the spans and the histograms of one request have the same numbers."""

import io
import logging
import re
from typing import Any

import pytest
from flask import Flask
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from service.app import Predictor
from service.telemetry.logs.access_log import LOGGER
from service.telemetry.stages import STAGES
from tests.otlp_sink import Sink
from tests.service.pictures import plain
from tests.service.scrape import value
from tests.service.telemetry.traced import received


def form(*images: bytes) -> dict[str, object]:
    """A form with several images."""
    return {"file": [(io.BytesIO(image), "x.png") for image in images]}


@pytest.mark.parametrize(
    ("data", "status", "label"),
    [
        (plain("cat"), 200, "200"),
        (form(plain("cat"), plain("dog"), plain("cat")), 200, "200"),
        (b"no image", 415, "4xx"),
    ],
    ids=["one image", "several images", "a refusal"],
)
def test_header_log_line_spans_and_histograms_have_the_same_numbers(
    traced: Flask, sink: Sink, caplog: pytest.LogCaptureFixture, data: Any, status: int, label: str
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        answer = traced.test_client().post("/predict", data=data)
        traced.extensions["predictor"].record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    fields = line.fields  # type: ignore[attr-defined]
    header = {name: float(value) for name, value in re.findall(r"(\w+);dur=([\d.]+)", answer.headers["Server-Timing"])}
    received(traced, sink)
    predictor = traced.extensions["predictor"]
    (server,) = sink.named("POST /predict")
    stages = {span.name: duration(span) for span in sink.spans if span.parent_span_id == server.span_id}
    labels = {"http_request_method": "POST", "http_route": "/predict", "http_response_status_code": label}
    total = duration(server)
    assert answer.status_code == status
    assert stages.keys() == (set(STAGES) if status == 200 else {"wait", "receive", "decode"})
    assert header == pytest.approx({**stages, "total": total}, abs=0.001)
    assert fields["stages_ms"] == pytest.approx(stages, abs=0.001)
    assert fields["duration_ms"] == pytest.approx(total, abs=0.001)
    assert milliseconds(predictor, "http_server_request_duration_seconds_sum", **labels) == pytest.approx(
        total, abs=1e-3
    )
    for name, spent in stages.items():
        summed = milliseconds(predictor, "cifar10_stage_duration_seconds_sum", stage=name)
        assert summed == pytest.approx(spent if status == 200 else 0, abs=0.001)


def milliseconds(predictor: Predictor, name: str, **labels: str) -> float:
    """The value of a series in seconds."""
    return 1000 * (value(predictor, name, **labels) or 0.0)


def duration(span: Span) -> float:
    """Milliseconds."""
    return (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
