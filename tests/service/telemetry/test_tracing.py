"""Spans as a collector receives them, and what tracing costs a request: never its answer."""

import re
import socket
import time

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service.app import Predictor
from service.settings import Settings
from service.telemetry.stages import STAGES
from service.telemetry.tracing import enabled
from tests.otlp_sink import Sink, attributes
from tests.service.answers import body
from tests.service.pictures import plain
from tests.service.telemetry.traced import SAMPLED, TRACE, predict, received, serving

LONGEST_END_SECONDS = 2
"""What a collector may cost a server that ends."""
SCHEDULING_SECONDS = 2
"""For a busy machine."""


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
