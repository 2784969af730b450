"""The answer's header, the log line, the spans and the histograms of one request, against each other."""

import io
import logging
import re
from typing import Any

import pytest
from flask import Flask
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from service.telemetry.access import LOGGER
from service.telemetry.stages import STAGES
from tests.otlp_sink import Sink
from tests.service.pictures import plain
from tests.service.telemetry.traced import received


def form(*images: bytes) -> dict[str, object]:
    """A request's data that holds several images."""
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
def test_header_log_spans_and_histograms_tell_the_same_numbers(
    traced: Flask, sink: Sink, caplog: pytest.LogCaptureFixture, data: Any, status: int, label: str
) -> None:
    with caplog.at_level(logging.INFO, LOGGER):
        answer = traced.test_client().post("/predict", data=data)
        traced.extensions["predictor"].record()
    (line,) = [record for record in caplog.records if record.name == LOGGER]
    fields = line.fields  # type: ignore[attr-defined]
    header = {name: float(value) for name, value in re.findall(r"(\w+);dur=([\d.]+)", answer.headers["Server-Timing"])}
    received(traced, sink)
    registry = traced.extensions["predictor"].metrics.registry
    (server,) = sink.named("POST /predict")
    stages = {span.name: lasted(span) for span in sink.spans if span.parent_span_id == server.span_id}
    duration = {"http_request_method": "POST", "http_route": "/predict", "http_response_status_code": label}
    counted = 1000 * registry.get_sample_value("http_server_request_duration_seconds_sum", duration)
    assert answer.status_code == status
    assert stages.keys() == (set(STAGES) if status == 200 else {"wait", "receive", "decode"})
    assert header == pytest.approx({**stages, "total": lasted(server)}, abs=0.001)
    assert fields["stages_ms"] == pytest.approx(stages, abs=0.001)
    assert fields["duration_ms"] == pytest.approx(lasted(server), abs=0.001)
    assert counted == pytest.approx(lasted(server), abs=0.001)
    for name, spent in stages.items():
        summed = 1000 * registry.get_sample_value("cifar10_stage_duration_seconds_sum", {"stage": name})
        assert summed == pytest.approx(spent if status == 200 else 0, abs=0.001)


def lasted(span: Span) -> float:
    """Milliseconds."""
    return (span.end_time_unix_nano - span.start_time_unix_nano) / 1e6
