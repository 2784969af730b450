"""What arrives at a collector, as OTEL_EXPORTER_OTLP_* say; tests.service.telemetry.test_tracing reads the spans."""

import gzip
from collections.abc import Iterator

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider

from service.telemetry.collector import SCOPE, Collector
from service.telemetry.finished_span import FinishedSpan
from service.version import VERSION
from tests.http_server import Handler, serving

SPAN = FinishedSpan("decode", 1, 2, None, 3, 4)


class Received:
    """The requests so far, and how they are answered: with 200 unless told otherwise."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []
        self.answers: list[int] = []


@pytest.fixture
def received(monkeypatch: pytest.MonkeyPatch) -> Iterator[Received]:
    class Receiver(Handler):
        def do_POST(self) -> None:
            seen.paths.append(self.path)
            seen.headers.append({name.lower(): value for name, value in self.headers.items()})
            seen.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(seen.answers.pop(0) if seen.answers else 200)
            self.send_header("Retry-After", "0")
            self.send_header("Content-Length", "0")
            self.end_headers()

    seen = Received()
    with serving(Receiver) as port:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{port}")
        yield seen


def export() -> bool:
    collector = Collector(TracerProvider(resource=Resource({"service.name": "x"}), shutdown_on_exit=False))
    try:
        return collector.export([SPAN])
    finally:
        collector.shutdown()


def test_spans_come_with_what_they_have_in_common(received: Received) -> None:
    assert export()
    [of_resource] = ExportTraceServiceRequest.FromString(received.bodies[0]).resource_spans
    [of_scope] = of_resource.scope_spans
    assert [each.value.string_value for each in of_resource.resource.attributes] == ["x"]
    assert (of_scope.scope.name, of_scope.scope.version) == (SCOPE, VERSION)
    assert [span.name for span in of_scope.spans] == ["decode"]
    assert received.paths == ["/v1/traces"]
    assert received.headers[0]["content-type"] == "application/x-protobuf"


def test_headers_and_compression_are_the_environments(received: Received, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-tenant=blue")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip")
    assert export()
    assert received.headers[0]["x-tenant"] == "blue"
    assert received.headers[0]["content-encoding"] == "gzip"
    assert ExportTraceServiceRequest.FromString(gzip.decompress(received.bodies[0])).resource_spans


@pytest.mark.parametrize(
    ("answers", "taken", "requests"), [([503, 200], True, 2), ([400], False, 1)], ids=["at a loss", "that refuses"]
)
def test_a_collector_is_asked_again_if_that_may_help(
    received: Received, answers: list[int], taken: bool, requests: int
) -> None:
    received.answers = list(answers)
    assert export() is taken
    assert len(received.bodies) == requests
