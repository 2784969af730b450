"""Spans as a collector receives them, against the answer's headers, the log line and the histograms."""

import io
import logging
import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from werkzeug.test import TestResponse

from service.app import Predictor, create_app
from service.settings import Settings
from service.telemetry.access import LOGGER
from service.telemetry.stages import STAGES
from service.telemetry.tracing import enabled
from service.version import VERSION
from tests.otlp_sink import Sink, attributes, running
from tests.service.answers import body
from tests.service.fakes import ColourEngine
from tests.service.pictures import plain

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
LONGEST_END_SECONDS = 2
"""What a collector may cost a server that ends."""
SCHEDULING_SECONDS = 2
"""For a busy machine."""
SAMPLED = {"traceparent": f"00-{TRACE}-00f067aa0ba902b7-01"}


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with running() as sink:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", sink.endpoint)
        yield sink


@pytest.fixture
def traced(sink: Sink, settings: Settings) -> Iterator[Flask]:
    yield from serving(settings)


def serving(settings: Settings) -> Iterator[Flask]:
    app = create_app(settings, ColourEngine())
    app.extensions["predictor"].start().join()
    yield app
    app.extensions["predictor"].stop()


def predict(app: Flask, **headers: str) -> TestResponse:
    return app.test_client().post("/predict", data=plain("cat"), headers=headers)


def received(app: Flask, sink: Sink) -> Sink:
    app.extensions["predictor"].stop()
    return sink


def test_a_request_is_a_server_span_with_a_child_for_every_stage(traced: Flask, sink: Sink) -> None:
    predict(traced)
    (server,) = received(traced, sink).named("POST /predict")
    children = [span for span in sink.spans if span.parent_span_id == server.span_id]
    assert [span.name for span in children] == list(STAGES)
    assert {span.trace_id for span in children} == {server.trace_id}


def test_the_server_span_speaks_the_stable_conventions(traced: Flask, sink: Sink) -> None:
    predict(traced)
    (server,) = received(traced, sink).named("POST /predict")
    found = attributes(server)
    assert found["http.request.method"] == "POST"
    assert found["http.route"] == "/predict"
    assert found["http.response.status_code"] == 200
    assert found["url.path"] == "/predict"
    assert found["cifar10.predicted_class"] == "cat"
    assert "http.method" not in found


def test_a_batch_and_the_requests_in_it_point_at_each_other(traced: Flask, sink: Sink) -> None:
    predict(traced)
    (batch,) = received(traced, sink).named("inference batch")
    (server,) = sink.named("POST /predict")
    (inference,) = sink.named("inference")
    assert batch.trace_id != server.trace_id
    assert not batch.parent_span_id
    assert [link.span_id for link in batch.links] == [server.span_id]
    assert [link.span_id for link in inference.links] == [batch.span_id]
    assert attributes(batch) == {"cifar10.batch.size": 1}


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


def test_the_callers_trace_goes_on_and_comes_back(traced: Flask, sink: Sink) -> None:
    answer = predict(traced, **SAMPLED)
    (server,) = received(traced, sink).named("POST /predict")
    assert server.trace_id.hex() == TRACE
    assert answer.headers["traceresponse"] == f"00-{TRACE}-{server.span_id.hex()}-01"


def test_a_refusal_names_its_trace_and_its_code(traced: Flask, sink: Sink) -> None:
    answer = traced.test_client().post("/predict", data=b"text", headers=SAMPLED)
    assert body(answer)["trace_id"] == TRACE
    (server,) = received(traced, sink).named("POST /predict")
    assert attributes(server)["cifar10.error.code"] == "unsupported_format"
    assert "error.type" not in attributes(server)  # the client's error is none of the server's


def test_a_sampled_request_leaves_exemplars(traced: Flask) -> None:
    predict(traced, **SAMPLED)
    text = traced.test_client().get("/metrics", headers={"Accept": "application/openmetrics-text"}).text
    exemplar = f'# {{trace_id="{TRACE}"}}'
    assert any(line.startswith("http_server_request_duration") and exemplar in line for line in text.splitlines())
    assert any(line.startswith("cifar10_stage_duration") and exemplar in line for line in text.splitlines())


def test_an_unsampled_request_leaves_neither_spans_nor_exemplars(
    sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", "always_off")
    for app in serving(settings):
        assert predict(app).headers["traceresponse"].endswith("-00")
        text = app.test_client().get("/metrics", headers={"Accept": "application/openmetrics-text"}).text
        assert "trace_id" not in text
        assert received(app, sink).spans == []


def test_probes_and_scrapes_are_not_traced(traced: Flask, sink: Sink) -> None:
    for path in ("/healthz", "/readyz?verbose", "/metrics"):
        traced.test_client().get(path)
    assert received(traced, sink).spans == []


def test_neither_a_hosts_name_nor_a_query_opts_out_of_tracing(traced: Flask, sink: Sink) -> None:
    traced.test_client().post("/predict?healthz", data=plain("cat"), headers={"Host": "metrics.example"})
    assert received(traced, sink).named("POST /predict")


def test_the_resource_is_what_the_environment_says(
    sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "k8s.pod.name=cifar10-abc,service.version=7")
    for app in serving(settings):
        predict(app)
        resource = received(app, sink).resources[0]
    assert resource["service.name"] == "cifar10"
    assert resource["service.version"] == "7"
    assert resource["k8s.pod.name"] == "cifar10-abc"


def test_sent_spans_are_counted(traced: Flask, sink: Sink) -> None:
    predict(traced)
    spans = len(received(traced, sink).spans)
    registry = traced.extensions["predictor"].metrics.registry
    assert registry.get_sample_value("cifar10_spans_ended_total") == spans
    assert registry.get_sample_value("cifar10_spans_exported_total", {"result": "success"}) == spans


@pytest.mark.parametrize("hanging", [False, True], ids=["refusing", "hanging"])
def test_a_dead_collector_neither_fails_a_request_nor_holds_up_the_end(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, hanging: bool
) -> None:
    with socket.socket() as collector:
        collector.bind(("127.0.0.1", 0))
        if hanging:
            collector.listen()
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.getsockname()[1]}")
        for app in serving(settings):
            assert predict(app).status_code == 200
            started = time.monotonic()
            app.extensions["predictor"].stop()
            assert time.monotonic() - started < LONGEST_END_SECONDS + SCHEDULING_SECONDS


def test_whatever_else_keeps_opentelemetry_from_starting_costs_the_traces_and_nothing_else(
    sink: Sink, settings: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*given: object) -> None:
        raise RuntimeError("no such detector")

    monkeypatch.setattr("service.telemetry.spans.Spans", broken)
    for app in serving(settings):
        assert predict(app).status_code == 200
    assert "tracing is off, since OpenTelemetry cannot start with its OTEL_* variables: no such detector" in caplog.text


def test_the_resource_names_the_release(traced: Flask, sink: Sink) -> None:
    predict(traced)
    assert received(traced, sink).resources[0]["service.version"] == VERSION


def test_without_an_endpoint_there_is_no_tracer_and_still_a_trace_id(client: FlaskClient, predictor: Predictor) -> None:
    answer = client.post("/predict", data=plain("cat"), headers=SAMPLED)
    assert re.fullmatch(rf"00-{TRACE}-[0-9a-f]{{16}}-00", answer.headers["traceresponse"])
    assert predictor.metrics.registry.get_sample_value("cifar10_spans_ended_total") == 0


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318"}, True),
        ({"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "http://collector:4318/v1/traces"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_SDK_DISABLED": "true"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_TRACES_EXPORTER": "none"}, False),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_TRACES_EXPORTER": ""}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_TRACES_EXPORTER": "console, otlp"}, True),
        ({"OTEL_EXPORTER_OTLP_ENDPOINT": ""}, False),
    ],
)
def test_tracing_is_on_when_an_endpoint_is_set_and_nothing_turns_it_off(environ: dict[str, str], wanted: bool) -> None:
    assert enabled(environ) is wanted


@pytest.mark.parametrize("part", ["_begin", "_finish"])
def test_tracing_that_fails_costs_nobody_an_answer_and_is_logged(
    traced: Flask, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, part: str
) -> None:
    monkeypatch.setattr(traced.extensions["predictor"].tracing, part, lambda *given: 1 / 0)
    answer = predict(traced, **SAMPLED)
    assert answer.status_code == 200
    assert answer.headers["traceresponse"].startswith(f"00-{TRACE}-")
    traced.extensions["predictor"].record()
    assert "ZeroDivisionError" in caplog.text
    registry = traced.extensions["predictor"].metrics.registry
    assert registry.get_sample_value("cifar10_predictions_total", {"predicted_class": "cat"}) == 1


def test_baggage_that_makes_no_sense_is_not_even_read(traced: Flask, caplog: pytest.LogCaptureFixture) -> None:
    assert predict(traced, baggage="=;=,,;" * 50).status_code == 200
    assert "aggage" not in caplog.text
