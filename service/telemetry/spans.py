"""Spans by OpenTelemetry, sent over OTLP/HTTP, configured by its own ``OTEL_*`` variables.

Imported only where spans are wanted: the SDK and its exporter take a third of a second to import. A server span is
what OpenTelemetry's Flask instrumentation makes of the request (a test compares the two); its wrapper is not used,
since it does all its work, twice, for requests that are not sampled too.
"""

import logging
import os
import time
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from opentelemetry import propagate
from opentelemetry.instrumentation import wsgi
from opentelemetry.instrumentation._semconv import _StabilityMode
from opentelemetry.sdk.trace import ReadableSpan, Span, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.http import get_excluded_urls, sanitize_method
from opentelemetry.util.types import Attributes

from service.jobs import Batch
from service.settings import LAST_SPANS_SECONDS
from service.telemetry import bounded
from service.telemetry.exporting import counted_processor
from service.telemetry.metrics.http import QUIET_ROUTES
from service.telemetry.metrics.spans import SpanMetrics
from service.telemetry.observation import Observation
from service.telemetry.resource import described
from service.telemetry.trace_context import TraceContext, continued
from service.telemetry.tracing import Tracing
from service.version import VERSION

SCOPE = "cifar10"
"""Name of the instrumentation."""

FIRST_SERVER_ERROR = 500
"""The conventions call nothing below an error of a server's span."""

MOST_BATCHES = 500
"""Computed but not yet recorded; they pile up only where nothing else is recorded either."""

PROPAGATORS = "OTEL_PROPAGATORS"
CAPTURED_HEADERS = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_{}"

_STABLE = _StabilityMode.HTTP

log = logging.getLogger("cifar10")


class Spans(Tracing):
    """Samples, describes itself and exports as the environment says."""

    def __init__(self, metrics: SpanMetrics, exporter: SpanExporter | None = None) -> None:
        self._processor = counted_processor(metrics, exporter)
        self._provider = TracerProvider(resource=described(), shutdown_on_exit=False)
        self._provider.add_span_processor(self._processor)
        self._tracer = self._provider.get_tracer(SCOPE, VERSION)
        # Baggage is read by nobody here, and a bad one costs a warning a request: only where it is asked for.
        self._extract = (propagate if os.environ.get(PROPAGATORS) else TraceContextTextMapPropagator()).extract
        self._scope = InstrumentationScope(SCOPE, VERSION)
        self._excluded = get_excluded_urls("FLASK")
        self._batches: deque[tuple[SpanContext, list[Link], Batch]] = deque(maxlen=MOST_BATCHES)
        self._captures = {kind: bool(os.environ.get(CAPTURED_HEADERS.format(kind))) for kind in ("REQUEST", "RESPONSE")}

    def begin(self, environ: Mapping[str, Any], route: str | None, arrived: float) -> tuple[Any, TraceContext]:
        try:
            return self._begin(environ, route, arrived)
        except Exception:  # a sampler or propagator that the environment named may do anything
            log.exception("starting a span failed")
            return None, continued(environ.get("HTTP_TRACEPARENT"))

    def _begin(self, environ: Mapping[str, Any], route: str | None, arrived: float) -> tuple[Any, TraceContext]:
        if self._is_excluded(environ, route):
            return None, continued(environ.get("HTTP_TRACEPARENT"))
        method = sanitize_method(environ["REQUEST_METHOD"])
        # What a sampler may decide by; all else is left until it has decided.
        attributes = {"http.request.method": method, "url.path": environ["PATH_INFO"]}
        name = "HTTP" if method == "_OTHER" else method
        if route:
            attributes["http.route"] = route
            name = f"{name} {route}"
        span = self._tracer.start_span(
            name,
            self._extract(dict(environ), getter=wsgi.wsgi_getter),
            SpanKind.SERVER,
            attributes,
            start_time=time.time_ns() - round((time.monotonic() - arrived) * 1e9),
        )
        context = span.get_span_context()
        trace_id, span_id = f"{context.trace_id:032x}", f"{context.span_id:016x}"
        if not (span.is_recording() and context.trace_flags.sampled):
            return None, TraceContext(trace_id, span_id, sampled=False)
        span.set_attributes(wsgi.collect_request_attributes(dict(environ), _STABLE))
        if self._captures["REQUEST"]:
            span.set_attributes(wsgi.collect_custom_request_headers_attributes(dict(environ)))
        return span, TraceContext(trace_id, span_id, sampled=True)

    def answered(self, span: Any, headers: Iterable[tuple[str, str]]) -> None:
        if span and self._captures["RESPONSE"]:
            try:
                span.set_attributes(wsgi.collect_custom_response_headers_attributes(list(headers)))
            except Exception:  # as a pattern in the variable that cannot be compiled
                log.exception("capturing headers failed")

    def batch(self, batch: Batch) -> SpanContext | None:
        """A trace of its own that links to the requests in the batch; ``None`` if none of them is recorded."""
        links = [Link(span.get_span_context()) for span in batch.origins if isinstance(span, Span)]
        if not links:
            return None
        context = self._context(self._provider.id_generator.generate_trace_id())
        self._batches.append((context, links, batch))  # emitted later: now, on this thread, all requests wait for it
        return context

    def record(self, observations: Sequence[Observation]) -> None:
        self._record_batches()
        for one in observations:
            if one.span:
                try:
                    self._finish(one, one.span)
                except Exception:
                    log.exception("finishing the span of request %s failed", one.request_id)

    def shutdown(self) -> None:
        """Send what is left, for :data:`LAST_SPANS_SECONDS` at most."""

        def send() -> None:
            self._record_batches()
            self._provider.shutdown()

        bounded.run(send, LAST_SPANS_SECONDS, "last spans")

    def _record_batches(self) -> None:
        while self._batches:
            context, links, batch = self._batches.popleft()
            start = time.time_ns() - round((time.monotonic() - batch.started) * 1e9)
            about = {"cifar10.batch.size": batch.size}
            self._emit("inference batch", context, None, start, batch.seconds, links, about)

    def _finish(self, one: Observation, span: Span) -> None:
        parent, arrived = span.get_span_context(), span.start_time
        assert arrived is not None
        for stage, started, seconds in one.stages.passed:
            links = []
            if stage == "inference" and one.classified and one.classified.batch.mark:
                links = [Link(one.classified.batch.mark)]  # type: ignore[arg-type]
            start = arrived + round((started - one.stages.arrived) * 1e9)
            self._emit(stage, self._context(parent.trace_id), parent, start, seconds, links)
        wsgi.add_response_attributes(span, f"{one.status} ", [], None, _STABLE)
        span.set_attribute("cifar10.request.id", one.request_id)
        if one.refusal:
            span.set_attribute("cifar10.error.code", one.refusal.code)
            if one.status >= FIRST_SERVER_ERROR:
                span.set_attribute("error.type", one.refusal.code)
        if one.classified:
            span.set_attribute("cifar10.batch.size", one.classified.batch.size)
            span.set_attribute("cifar10.predicted_class", one.classified.predictions[0].label)
            span.set_attribute("cifar10.images", len(one.classified.predictions))
        span.end(arrived + round(one.seconds * 1e9))

    def _emit(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        start: int,
        seconds: float,
        links: Sequence[Link] = (),
        attributes: Attributes = None,
    ) -> None:
        """Export a span that is over already; a tracer would sample, lock and copy for each."""
        self._processor.on_end(
            ReadableSpan(
                name=name,
                context=context,
                parent=parent,
                resource=self._provider.resource,
                attributes=attributes,
                links=links,
                start_time=start,
                end_time=start + round(seconds * 1e9),
                instrumentation_scope=self._scope,
            )
        )

    def _context(self, trace_id: int) -> SpanContext:
        span_id = self._provider.id_generator.generate_span_id()
        return SpanContext(trace_id, span_id, is_remote=False, trace_flags=TraceFlags(TraceFlags.SAMPLED))

    def _is_excluded(self, environ: Mapping[str, Any], route: str | None) -> bool:
        # The instrumentation would match the whole address, and with it the Host that a client is free to choose.
        return route in QUIET_ROUTES or self._excluded.url_disabled(environ["PATH_INFO"])
