"""Spans by OpenTelemetry, sent over OTLP/HTTP, configured by its own ``OTEL_*`` variables.

Imported only where spans are wanted: the SDK and its exporter take a third of a second to import. A server span is
what OpenTelemetry's Flask instrumentation makes of the request (a test compares the two); its wrapper is not used,
since it does all its work, twice, for requests that are not sampled too.
"""

import logging
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import Decision
from opentelemetry.trace import SpanContext, TraceFlags
from opentelemetry.util.http import get_excluded_urls, sanitize_method

from service.jobs import Batch
from service.settings import LAST_SPANS_SECONDS
from service.telemetry import bounded, finishing
from service.telemetry.collector import Collector
from service.telemetry.exporting import Exporter, SpanQueue
from service.telemetry.finished_span import FinishedSpan
from service.telemetry.metrics.http import QUIET_ROUTES
from service.telemetry.metrics.spans import SpanMetrics
from service.telemetry.observation import Observation
from service.telemetry.resource import described
from service.telemetry.sampling import TRACEPARENT, Sampling
from service.telemetry.server_span import Conventions, ServerSpan, keep
from service.telemetry.trace_context import TraceContext, continued
from service.telemetry.tracing import Tracing

MOST_BATCHES = 500
"""Computed but not yet recorded; they pile up only where nothing else is recorded either."""

MOST_NAMES = 100
"""Remembered names of spans; clients make up methods."""

_SAMPLED = TraceFlags(TraceFlags.SAMPLED)

log = logging.getLogger("cifar10")


class Spans(Tracing):
    """Samples, describes itself and exports as the environment says."""

    def __init__(self, metrics: SpanMetrics, exporter: Exporter | None = None) -> None:
        provider = TracerProvider(resource=described(), shutdown_on_exit=False)
        self._ids = provider.id_generator
        self._queue = SpanQueue(metrics, exporter or Collector(provider))
        self._sampling = Sampling(provider)
        self._conventions = Conventions()
        self._excluded = get_excluded_urls("FLASK")
        self._named = lru_cache(MOST_NAMES)(_named)
        self._batches: deque[tuple[Batch, SpanContext, list[SpanContext]]] = deque(maxlen=MOST_BATCHES)

    def begin(self, environ: Mapping[str, Any], route: str | None, arrived: float) -> tuple[Any, TraceContext]:
        try:
            return self._begin(environ, route, arrived)
        except Exception:  # a sampler or propagator that the environment named may do anything
            log.exception("starting a span failed")
            return None, continued(environ.get(TRACEPARENT))

    def _begin(self, environ: Mapping[str, Any], route: str | None, arrived: float) -> tuple[Any, TraceContext]:
        if self._is_excluded(environ, route):
            return None, continued(environ.get(TRACEPARENT))
        method, name = self._named(environ["REQUEST_METHOD"], route)
        # What a sampler may decide by; all else is left until the request is answered.
        attributes = {"http.request.method": method, "url.path": environ["PATH_INFO"]}
        if route:
            attributes["http.route"] = route
        trace_id, span_id, parent, verdict = self._sampling.start(environ, name, attributes)
        sampled = verdict.decision is Decision.RECORD_AND_SAMPLE
        trace = TraceContext(trace_id.to_bytes(16).hex(), span_id.to_bytes(8).hex(), sampled)
        if not sampled:
            return None, trace
        context = SpanContext(trace_id, span_id, False, _SAMPLED, verdict.trace_state)
        start = finishing.since_epoch(arrived)
        span = ServerSpan(name, context, parent, start, verdict.attributes or {}, keep(environ))
        self._conventions.asked(span, environ)
        return span, trace

    def answered(self, span: Any, headers: Iterable[tuple[str, str]]) -> None:
        if span:
            try:
                self._conventions.answered(span, headers)
            except Exception:  # as a pattern in the variable that cannot be compiled
                log.exception("capturing headers failed")

    def batch(self, batch: Batch) -> SpanContext | None:
        """A trace of its own that links to the requests in the batch; ``None`` if none of them is recorded."""
        links = [span.context for span in batch.origins if isinstance(span, ServerSpan)]
        if not links:
            return None
        trace_id, span_id = self._ids.generate_trace_id(), self._ids.generate_span_id()
        context = SpanContext(trace_id, span_id, is_remote=False, trace_flags=_SAMPLED)
        self._batches.append((batch, context, links))  # emitted later: now, on this thread, all requests wait for it
        return context

    def record(self, observations: Sequence[Observation]) -> None:
        spans = self._computed()
        for one in observations:
            if one.span:
                try:
                    spans += self._finish(one, one.span)
                except Exception:
                    log.exception("finishing the span of request %s failed", one.request_id)
        if spans:
            self._queue.add(spans)

    def shutdown(self) -> None:
        """Send what is left, for :data:`LAST_SPANS_SECONDS` at most."""

        def send() -> None:
            self._queue.add(self._computed())
            self._queue.shutdown()

        bounded.run(send, LAST_SPANS_SECONDS, "last spans")

    def _computed(self) -> list[FinishedSpan]:
        """The batches since the last call."""
        spans = []
        while self._batches:
            spans.append(finishing.of_batch(*self._batches.popleft()))
        return spans

    def _finish(self, one: Observation, span: ServerSpan) -> list[FinishedSpan]:
        return finishing.of_request(one, span, self._conventions.attributes(span, one), self._ids.generate_span_id)

    def _is_excluded(self, environ: Mapping[str, Any], route: str | None) -> bool:
        # The instrumentation would match the whole address, and with it the Host that a client is free to choose.
        return route in QUIET_ROUTES or self._excluded.url_disabled(environ["PATH_INFO"])


def _named(method: str, route: str | None) -> tuple[str, str]:
    """The method as the conventions write it, and the name of a request's span."""
    method = sanitize_method(method)
    name = "HTTP" if method == "_OTHER" else method
    return method, f"{name} {route}" if route else name
