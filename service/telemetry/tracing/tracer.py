"""Spans through OpenTelemetry's SDK, configured by its own ``OTEL_*`` variables.

A server span has the attributes that OpenTelemetry's Flask instrumentation gives it; a test compares the two. The
instrumentation itself is not used, because it does all of its work for every request, sampled or not.
"""

import logging
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from opentelemetry import propagate, trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation import wsgi
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import Span, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import Link, SpanContext, SpanKind, StatusCode, set_span_in_context
from opentelemetry.util.http import detect_synthetic_user_agent, get_excluded_urls, redact_url, sanitize_method
from opentelemetry.util.types import AttributeValue

from service import __version__
from service.inference.job import Batch
from service.lifecycle import run_with_timeout
from service.settings import LAST_SPANS_SECONDS
from service.telemetry.metrics.http import PROBE_ROUTES
from service.telemetry.metrics.telemetry_health import TelemetryMetrics
from service.telemetry.observation import Observation
from service.telemetry.tracing.span_export import BoundedSpanProcessor, CountingExporter
from service.telemetry.tracing.trace_context import TraceContext

SERVICE_NAME = "cifar10"
"""Unless ``OTEL_SERVICE_NAME`` or ``OTEL_RESOURCE_ATTRIBUTES`` sets another name."""

log = logging.getLogger("cifar10")


class Tracer:
    """Records spans of requests and batches; samples and exports as the environment says."""

    def __init__(self, metrics: TelemetryMetrics, exporter: SpanExporter | None = None) -> None:
        resource = _resource()
        processor = BoundedSpanProcessor(CountingExporter(exporter or OTLPSpanExporter(), metrics), metrics)
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        # A batch is recorded if one of its requests is: the sampler has decided already.
        batches = TracerProvider(resource=resource, sampler=ALWAYS_ON, shutdown_on_exit=False)
        for provider in (self._provider, batches):
            provider.add_span_processor(processor)
        self._tracer, self._batch_tracer = (
            provider.get_tracer(SERVICE_NAME, __version__) for provider in (self._provider, batches)
        )
        self._excluded = get_excluded_urls("FLASK")
        self._metrics = metrics
        # A pattern of headers to capture that does not compile fails here, not in a request.
        wsgi.collect_custom_request_headers_attributes({})
        wsgi.collect_custom_response_headers_attributes([])

    def begin(self, environ: Mapping[str, Any], route: str | None, arrived: float) -> tuple[Any, TraceContext] | None:
        """The server span, if it is recorded, and the trace context of a request; ``None`` if it is not traced.

        ``environ`` is WSGI's, ``route`` the template of the matched rule, ``arrived`` is monotonic.
        """
        # Matched with the path: the Host header of a full URL is the client's choice.
        if route in PROBE_ROUTES or self._excluded.url_disabled(environ["PATH_INFO"]):
            return None
        try:
            return self._begin(environ, route, arrived)
        except Exception:  # a sampler or propagator that the environment names may fail
            log.exception("starting a span failed")
            return None

    def _begin(self, environ: Mapping[str, Any], route: str | None, arrived: float) -> tuple[Any, TraceContext]:
        method = sanitize_method(environ["REQUEST_METHOD"])
        name = "HTTP" if method == "_OTHER" else method
        attributes: dict[str, AttributeValue] = {"http.request.method": method, "url.path": environ["PATH_INFO"]}
        if route:
            attributes["http.route"] = route
        span = self._tracer.start_span(
            f"{name} {route}" if route else name,
            propagate.extract(cast(dict[str, Any], environ), getter=wsgi.wsgi_getter),
            SpanKind.SERVER,
            attributes,
            start_time=_epoch_ns(arrived),
        )
        context = span.get_span_context()
        ids = trace.format_trace_id(context.trace_id), trace.format_span_id(context.span_id)
        found = TraceContext(*ids, context.trace_flags.sampled)
        if not found.sampled:
            return None, found
        span.set_attributes(_request_attributes(environ))
        span.set_attributes(wsgi.collect_custom_request_headers_attributes(dict(environ)))
        return span, found

    def answered(self, span: Any, headers: Iterable[tuple[str, str]]) -> None:
        """Add the answer's headers to the server span, as far as the environment asks for them."""
        try:
            span.set_attributes(wsgi.collect_custom_response_headers_attributes(list(headers)))
        except Exception:  # an error in telemetry must not fail a request
            log.exception("capturing headers failed")

    def batch(self, batch: Batch) -> SpanContext | None:
        """A trace of its own, linked to the batch's requests; ``None`` if none of them is recorded."""
        links = [Link(span.get_span_context()) for span in batch.origins if isinstance(span, Span)]
        if not links:
            return None
        start = _epoch_ns(batch.started)
        attributes = {"cifar10.batch.size": batch.size}
        span = self._batch_tracer.start_span(
            "inference batch", Context(), links=links, start_time=start, attributes=attributes
        )
        span.end(start + _ns(batch.seconds))
        return span.get_span_context()

    def record(self, observations: Sequence[Observation]) -> None:
        """End the server spans and add the stage spans, with the times that were measured."""
        for one in observations:
            if one.span:
                try:
                    self._end(one, one.span)
                except Exception:  # as above
                    log.exception("ending the span of request %s failed", one.request_id)
                    self._metrics.requests_unrecorded()

    def _end(self, one: Observation, span: Span) -> None:
        parent, start = set_span_in_context(span), span.start_time or 0
        batch = one.classified.batch.span if one.classified else None
        for stage, started, seconds in one.stages.passed:
            links = [Link(batch)] if stage == "inference" and isinstance(batch, SpanContext) else None
            begun = start + _ns(started - one.stages.arrived)
            self._tracer.start_span(stage, parent, links=links, start_time=begun).end(begun + _ns(seconds))
        span.set_attributes(_answer_attributes(one))
        if one.status >= 500:  # the semantic conventions call nothing below an error of the server
            span.set_status(StatusCode.ERROR)
        span.end(start + _ns(one.seconds))

    def shutdown(self) -> None:
        """Export the remaining spans, for :data:`LAST_SPANS_SECONDS` at most."""
        run_with_timeout(self._provider.shutdown, LAST_SPANS_SECONDS, "last spans")


def _resource() -> Resource:
    resource = Resource({"service.version": __version__}).merge(Resource.create())
    if str(resource.attributes["service.name"]).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": SERVICE_NAME}))
    return resource


def _request_attributes(environ: Mapping[str, Any]) -> dict[str, AttributeValue]:
    """The stable HTTP semantic conventions (https://opentelemetry.io/docs/specs/semconv/http/http-spans/)."""
    method, agent = environ["REQUEST_METHOD"], environ.get("HTTP_USER_AGENT")
    found = {
        "http.request.method_original": method if method != sanitize_method(method) else None,
        "url.scheme": environ.get("wsgi.url_scheme"),
        "server.address": environ.get("HTTP_HOST"),
        "client.address": environ.get("REMOTE_ADDR"),
        "url.query": redact_url("?" + environ.get("QUERY_STRING", ""))[1:],
        "user_agent.original": agent,
        "user_agent.synthetic.type": detect_synthetic_user_agent(agent),
        "network.protocol.version": environ.get("SERVER_PROTOCOL", "").partition("/")[2],
    }
    ports = {"server.port": environ.get("SERVER_PORT", ""), "client.port": environ.get("REMOTE_PORT", "")}
    numbers = {name: int(value) for name, value in ports.items() if value.isdecimal()}
    return {name: value for name, value in found.items() if value} | numbers


def _answer_attributes(one: Observation) -> dict[str, AttributeValue]:
    attributes: dict[str, AttributeValue] = {
        "http.response.status_code": one.status,
        "cifar10.request.id": one.request_id,
    }
    if one.status >= 500:
        attributes["error.type"] = one.refusal.code if one.refusal else str(one.status)
    if one.refusal:
        attributes["cifar10.error.code"] = one.refusal.code
    if one.classified:
        attributes["cifar10.batch.size"] = one.classified.batch.size
        attributes["cifar10.predicted_class"] = one.classified.predictions[0].label
        attributes["cifar10.images"] = len(one.classified.predictions)
    return attributes


def _epoch_ns(moment: float) -> int:
    """A monotonic time in nanoseconds since the epoch."""
    return time.time_ns() - _ns(time.monotonic() - moment)


def _ns(seconds: float) -> int:
    return round(1e9 * seconds)
