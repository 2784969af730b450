"""The server span against the one that OpenTelemetry's own Flask instrumentation makes of the same request."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask, Response, abort
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from service import problems
from service.jobs import Batch
from service.telemetry import requests
from service.telemetry.finished_span import FinishedSpan
from service.telemetry.metrics.http import HttpMetrics
from service.telemetry.metrics.spans import SpanMetrics
from service.telemetry.recorder import Recorder
from service.telemetry.spans import Spans

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"

REQUESTS: list[dict[str, Any]] = [
    {"path": "/hello/7"},
    {"path": "/hello/7?colour=red&size=2"},
    {"path": "/hello/7", "headers": {"traceparent": TRACEPARENT, "tracestate": "vendor=1"}},
    {"path": "/hello/7", "headers": {"User-Agent": "curl/8.5.0", "Host": "tarry.cifar10.local:30080"}},
    {"path": "/hello/7", "headers": {"X-Colour": "green"}},
    {"path": "/hello/7", "environ_base": {"REMOTE_ADDR": "10.1.2.3", "REMOTE_PORT": "5555"}},
    {"path": "/refused"},
    {"path": "/broken"},
]


class Kept:
    """Fake: keeps what is exported."""

    def __init__(self) -> None:
        self.spans: list[FinishedSpan] = []

    def export(self, spans: Sequence[FinishedSpan]) -> bool:
        self.spans.extend(spans)
        return True

    def shutdown(self) -> None:
        pass


def app() -> Flask:
    app = Flask("compared")
    app.add_url_rule("/hello/<number>", view_func=lambda number: Response(number, headers={"X-Answer": "42"}))
    app.add_url_rule("/refused", endpoint="refused", view_func=lambda: abort(404))
    app.add_url_rule("/broken", endpoint="broken", view_func=lambda: abort(500))
    return app


def ours(request: dict[str, Any]) -> FinishedSpan:
    observed, exporter = app(), Kept()
    spans = Spans(SpanMetrics(CollectorRegistry()), exporter)
    recorder = Recorder([spans.record])
    problems.install(observed)
    requests.install(observed, HttpMetrics(CollectorRegistry()), spans, recorder, trust_request_start=False)
    observed.test_client().open(**request)
    recorder.stop()
    spans.shutdown()
    [server] = [span for span in exporter.spans if span.name not in ("wait",)]
    return server


def theirs(request: dict[str, Any]) -> ReadableSpan:
    instrumented, exporter = app(), InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call]
        instrumented, tracer_provider=provider, meter_provider=NoOpMeterProvider(), enable_commenter=False
    )
    instrumented.test_client().open(**request)
    [server] = exporter.get_finished_spans()
    return server


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST", "X-Colour")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE", "X-Answer")


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: str(request)[:70])
def test_the_server_span_is_what_the_flask_instrumentation_makes(request_: dict[str, Any]) -> None:
    our, their = ours(request_), theirs(request_)
    assert our.name == their.name
    assert our.kind == their.kind
    assert our.status == their.status.status_code
    assert our.parent == their.parent
    own = {"cifar10.request.id", "cifar10.error.code", "error.type"}
    assert {k: v for k, v in (our.attributes or {}).items() if k not in own} == {
        k: v for k, v in (their.attributes or {}).items() if k not in own
    }


def test_a_path_that_matches_nothing_does_not_become_the_spans_name() -> None:
    assert ours({"path": "/admin/42.php"}).name == "GET"


@pytest.mark.parametrize(
    ("host", "path", "traced"),
    [
        ("x", "/hello/7", False),
        ("x", "/predict", True),
        ("hello.example", "/predict", True),  # a client chooses the host it names
        ("x", "/healthz", False),  # which the variable does not name
    ],
)
def test_excluded_are_the_paths_that_the_instrumentations_own_variable_names_and_probes_always(
    monkeypatch: pytest.MonkeyPatch, host: str, path: str, traced: bool
) -> None:
    monkeypatch.setenv("OTEL_PYTHON_FLASK_EXCLUDED_URLS", "hello,metrics")
    spans = Spans(SpanMetrics(CollectorRegistry()), Kept())
    environ = {"wsgi.url_scheme": "http", "HTTP_HOST": host, "REQUEST_METHOD": "GET", "PATH_INFO": path}
    assert (spans.begin(environ, path, 0.0)[0] is not None) is traced
    spans.shutdown()


def test_of_a_request_that_is_not_sampled_nothing_is_kept_but_its_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.telemetry.spans.keep", lambda environ: 1 / 0)
    spans = Spans(SpanMetrics(CollectorRegistry()), Kept())
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/model", "HTTP_TRACEPARENT": TRACEPARENT[:-1] + "0"}
    span, trace = spans.begin(environ, "/model", 0.0)
    assert span is None
    assert trace.trace_id == TRACEPARENT.split("-")[1]
    assert trace.span_id not in (TRACEPARENT.split("-")[2], "0" * 16)
    assert not trace.sampled
    spans.shutdown()


def test_the_thread_that_computes_exports_no_span() -> None:
    spans = Spans(SpanMetrics(CollectorRegistry()), Kept())
    environ = {"wsgi.url_scheme": "http", "HTTP_HOST": "x", "REQUEST_METHOD": "POST", "PATH_INFO": "/predict"}
    span, _ = spans.begin(environ, "/predict", 0.0)
    added: list[FinishedSpan] = []
    spans._queue.add = added.extend  # type: ignore[assignment,method-assign]
    assert spans.batch(Batch(1, 0.0, 0.0, 0.01, (span,)))
    assert added == []
    spans.record(())
    assert [each.name for each in added] == ["inference batch"]
    spans.shutdown()
