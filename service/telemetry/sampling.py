"""What OpenTelemetry's tracer does first when a span starts: find its parent, ask the sampler, make its ids.

The tracer would then build the span, whether the request is sampled or not, and while its client waits.
"""

import os
from collections.abc import Mapping
from typing import Any, cast

from opentelemetry import propagate
from opentelemetry.context import Context
from opentelemetry.instrumentation.wsgi import wsgi_getter
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import SamplingResult
from opentelemetry.trace import SpanContext, SpanKind, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AnyValue

PROPAGATORS = "OTEL_PROPAGATORS"
TRACEPARENT = "HTTP_TRACEPARENT"

_NOTHING = Context()


class Sampling:
    """Decides as the sampler of the provider does, which the environment names."""

    def __init__(self, provider: TracerProvider) -> None:
        self._sampler = provider.sampler
        self._ids = provider.id_generator
        # Baggage is read by nobody here, and a bad one costs a warning a request: only where it is asked for.
        self._asked = bool(os.environ.get(PROPAGATORS))
        self._extract = (propagate if self._asked else TraceContextTextMapPropagator()).extract

    def start(
        self, environ: Mapping[str, Any], name: str, attributes: Mapping[str, AnyValue]
    ) -> tuple[int, int, SpanContext | None, SamplingResult]:
        """Trace and span id of a request's server span, its parent if it has one, and what the sampler says.

        ``environ`` is WSGI's; the sampler may decide by ``name`` and ``attributes``.
        """
        context, parent = self._parent(environ)
        trace_id = parent.trace_id if parent else self._ids.generate_trace_id()
        verdict = self._sampler.should_sample(context, trace_id, name, SpanKind.SERVER, attributes, ())
        return trace_id, self._ids.generate_span_id(), parent, verdict

    def _parent(self, environ: Mapping[str, Any]) -> tuple[Context, SpanContext | None]:
        if not self._asked and TRACEPARENT not in environ:
            return _NOTHING, None
        context = self._extract(cast(dict[str, Any], environ), getter=wsgi_getter)
        parent = get_current_span(context).get_span_context()
        return context, parent if parent.is_valid else None
