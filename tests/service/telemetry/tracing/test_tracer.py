"""Server spans compared with those that OpenTelemetry's own Flask instrumentation creates for the same requests."""

from typing import Any

import pytest
from flask import Flask, abort
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind
from prometheus_client import CollectorRegistry

from service.api import problem_details
from service.inference.job import Batch
from service.telemetry import middleware
from service.telemetry.metrics.http import HttpMetrics
from service.telemetry.metrics.telemetry_health import TelemetryMetrics
from service.telemetry.recorder import Recorder
from service.telemetry.tracing.tracer import Tracer
from tests.service.telemetry.traced import SAMPLED, TRACE

REQUESTS: list[dict[str, Any]] = [
    {"path": "/hello/7"},
    {"path": "/hello/7?colour=red&size=2"},
    {"path": "/hello/7", "headers": {**SAMPLED, "tracestate": "vendor=1"}},
    {"path": "/hello/7", "headers": {"User-Agent": "curl/8.5.0", "Host": "service.cifar10.local:30080"}},
    {"path": "/hello/7", "headers": {"User-Agent": "Googlebot/2.1", "Host": "[::1]:8000"}},
    {"path": "/hello/7", "headers": {"X-Colour": "green"}},
    {"path": "/hello/7", "environ_base": {"REMOTE_ADDR": "10.1.2.3", "REMOTE_PORT": "5555"}},
    {"path": "/hello/7", "environ_overrides": {"SERVER_PROTOCOL": "HTTP/1.0", "SERVER_PORT": "8000"}},
    {"path": "/hello/7", "method": "HEAD"},
    {"path": "/hello/7", "method": "BREW"},
    {"path": "/refused"},
    {"path": "/broken"},
]

OWN_ATTRIBUTES = {"cifar10.request.id", "cifar10.error.code", "error.type"}
"""The instrumentation has no cifar10 attributes, and sets ``error.type`` to the status."""


def app() -> Flask:
    app = Flask("compared")
    methods = ["GET", "BREW"]
    app.add_url_rule("/hello/<number>", view_func=lambda number: (number, {"X-Answer": "42"}), methods=methods)
    app.add_url_rule("/refused", endpoint="refused", view_func=lambda: abort(404))
    app.add_url_rule("/broken", endpoint="broken", view_func=lambda: abort(500))
    return app


def tracer(exporter: InMemorySpanExporter | None = None) -> Tracer:
    return Tracer(TelemetryMetrics(CollectorRegistry()), exporter or InMemorySpanExporter())


def of_the_service(request: dict[str, Any]) -> ReadableSpan:
    observed, exporter = app(), InMemorySpanExporter()
    tracer_ = tracer(exporter)
    recorder = Recorder([tracer_.record])
    problem_details.install(observed)
    middleware.install(observed, HttpMetrics(CollectorRegistry()), tracer_, recorder, trust_request_start=False)
    observed.test_client().open(**request)
    recorder.stop()
    tracer_.shutdown()
    [server] = [span for span in exporter.get_finished_spans() if span.kind is SpanKind.SERVER]
    return server


def of_the_instrumentation(request: dict[str, Any]) -> ReadableSpan:
    instrumented, exporter = app(), InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call]
        instrumented, tracer_provider=provider, meter_provider=NoOpMeterProvider(), enable_commenter=False
    )
    instrumented.test_client().open(**request)
    [server] = exporter.get_finished_spans()
    return server


def attributes(span: ReadableSpan) -> dict[str, Any]:
    return {name: value for name, value in (span.attributes or {}).items() if name not in OWN_ATTRIBUTES}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SEMCONV_STABILITY_OPT_IN", "http")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST", "X-Colour")
    monkeypatch.setenv("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE", "X-Answer")


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda request: str(request)[:90])
def test_the_server_span_equals_that_of_the_flask_instrumentation(request_: dict[str, Any]) -> None:
    own, expected = of_the_service(request_), of_the_instrumentation(request_)
    assert own.name == expected.name
    assert own.kind == expected.kind
    assert own.status.status_code == expected.status.status_code
    assert own.parent == expected.parent
    assert own.context.trace_state == expected.context.trace_state
    assert attributes(own) == attributes(expected)


def test_a_path_without_a_route_does_not_become_the_name_of_the_span() -> None:
    assert of_the_service({"path": "/admin/42.php"}).name == "GET"


def test_signatures_in_a_query_are_redacted() -> None:
    span = of_the_service({"path": "/hello/7?colour=red&sig=secret"})
    assert attributes(span)["url.query"] == "colour=red&sig=REDACTED"


def test_an_error_of_the_server_has_its_code_as_error_type() -> None:
    assert (of_the_service({"path": "/broken"}).attributes or {})["error.type"] == "internal_error"
    assert "error.type" not in (of_the_service({"path": "/refused"}).attributes or {})


@pytest.mark.parametrize(
    ("host", "path", "traced"),
    [
        ("x", "/hello/7", False),
        ("x", "/predict", True),
        ("hello.example", "/predict", True),  # the client chooses the host
        ("x", "/healthz", False),  # not named by the variable
    ],
)
def test_probes_and_the_paths_in_the_variable_of_the_instrumentation_are_excluded(
    monkeypatch: pytest.MonkeyPatch, host: str, path: str, traced: bool
) -> None:
    monkeypatch.setenv("OTEL_PYTHON_FLASK_EXCLUDED_URLS", "hello,metrics")
    tracer_ = tracer()
    environ = {"wsgi.url_scheme": "http", "HTTP_HOST": host, "REQUEST_METHOD": "GET", "PATH_INFO": path}
    begun = tracer_.begin(environ, path, 0.0)
    assert (begun is not None and begun[0] is not None) is traced
    tracer_.shutdown()


def test_a_request_that_is_not_sampled_has_a_trace_context_and_no_span() -> None:
    tracer_ = tracer()
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/model", "HTTP_TRACEPARENT": SAMPLED["traceparent"][:-1] + "0"}
    begun = tracer_.begin(environ, "/model", 0.0)
    assert begun
    span, trace = begun
    assert span is None
    assert trace.trace_id == TRACE
    assert trace.span_id not in (SAMPLED["traceparent"].split("-")[2], "0" * 16)
    assert not trace.sampled
    tracer_.shutdown()


def test_a_batch_without_recorded_requests_has_no_span() -> None:
    tracer_ = tracer()
    assert tracer_.batch(Batch(2, 0.0, 0.0, 0.01, (None, None))) is None
    tracer_.shutdown()


@pytest.mark.parametrize(
    ("sampler", "flag", "sampled"),
    [
        ("always_on", "0", True),
        ("always_off", "1", False),
        ("parentbased_always_on", "0", False),
        ("parentbased_always_on", None, True),
        ("parentbased_always_off", "1", True),
        ("parentbased_always_off", None, False),
    ],
)
def test_the_sampler_in_the_environment_decides(
    monkeypatch: pytest.MonkeyPatch, sampler: str, flag: str | None, sampled: bool
) -> None:
    monkeypatch.setenv("OTEL_TRACES_SAMPLER", sampler)
    tracer_ = tracer()
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/model"}
    if flag:
        environ["HTTP_TRACEPARENT"] = SAMPLED["traceparent"][:-1] + flag
    begun = tracer_.begin(environ, "/model", 0.0)
    assert begun
    span, trace = begun
    assert (span is not None, trace.sampled) == (sampled, sampled)
    tracer_.shutdown()
