"""Spans by OpenTelemetry, sent over OTLP/HTTP; configured by its own ``OTEL_*`` variables, off without an endpoint.

The provider is built in the worker process, after the fork, and its libraries are imported only if it is.
"""

import os
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from flask import Flask, request

from service.settings import LAST_SPANS_SECONDS
from service.telemetry.stages import Stage
from service.telemetry.trace_context import TraceContext, continued

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import SpanContext

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
EXCLUDED = r"^[^?#]*://[^/?#]*/(healthz|readyz|metrics)($|\?)"
"""Probes and scrapes, as a pattern of whole addresses: neither a host's name nor a query opts out of tracing."""


def enabled(environ: Mapping[str, str]) -> bool:
    """Whether spans are wanted: an endpoint is set and nothing turns them off."""
    return (
        any(environ.get(name) for name in ENDPOINTS)
        and environ.get("OTEL_SDK_DISABLED", "").lower() != "true"
        and environ.get("OTEL_TRACES_EXPORTER", "otlp") == "otlp"
    )


def epoch_ns(monotonic: float) -> int:
    """A monotonic moment as OpenTelemetry counts time: nanoseconds since the epoch."""
    return time.time_ns() - round((time.monotonic() - monotonic) * 1e9)


class Tracing:
    """The process's tracer, if it has one. Sampling, resource and exporter follow the environment."""

    def __init__(self, provider: "TracerProvider | None") -> None:
        self._provider = provider
        self._tracer = provider.get_tracer("cifar10") if provider else None

    def install(self, app: Flask) -> None:
        """Give every request of the app but probes and scrapes a server span."""
        if self._provider is None:
            return
        os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")  # the stable names; read at import
        from opentelemetry.instrumentation.flask import FlaskInstrumentor
        from opentelemetry.metrics import NoOpMeterProvider

        FlaskInstrumentor.instrument_app(  # type: ignore[no-untyped-call]
            app,
            tracer_provider=self._provider,
            meter_provider=NoOpMeterProvider(),  # the metrics are Prometheus' business
            excluded_urls=os.environ.get("OTEL_PYTHON_FLASK_EXCLUDED_URLS", EXCLUDED),
            enable_commenter=False,
        )

    def current(self) -> TraceContext:
        """The context of the request being handled."""
        if self._provider:
            from opentelemetry.trace import get_current_span

            span = get_current_span().get_span_context()
            if span.is_valid:
                return TraceContext(f"{span.trace_id:032x}", f"{span.span_id:016x}", span.trace_flags.sampled)
        return continued(request.headers.get("traceparent"))

    def span_context(self) -> "SpanContext | None":
        """The current span, for whatever will be linked to it on another thread; ``None`` if it is not recorded."""
        if self._provider is None:
            return None
        from opentelemetry.trace import get_current_span

        span = get_current_span()
        return span.get_span_context() if span.is_recording() else None

    def stages(self, stages: Iterable[Stage], batch: "SpanContext | None", attributes: Mapping[str, str | int]) -> None:
        """Add a child span for every stage to the current span, with the very times that were measured."""
        if self._tracer is None:
            return
        from opentelemetry.trace import Link, get_current_span

        parent = get_current_span()
        if not parent.is_recording():
            return
        parent.set_attributes(attributes)
        for stage in stages:
            links = [Link(batch)] if batch and stage.name == "inference" else None
            span = self._tracer.start_span(stage.name, start_time=epoch_ns(stage.started), links=links)
            span.end(epoch_ns(stage.started) + round(stage.seconds * 1e9))

    def batch(self, size: int, requests: Sequence[object], started: float, seconds: float) -> "SpanContext | None":
        """Record one batch as a trace of its own that links to the requests in it; ``None`` if none is recorded.

        ``requests`` holds what :meth:`span_context` gave; ``started`` is monotonic, in seconds.
        """
        if self._tracer is None:
            return None
        from opentelemetry.context import Context
        from opentelemetry.trace import Link, SpanContext

        links = [Link(each) for each in requests if isinstance(each, SpanContext)]
        if not links:
            return None
        span = self._tracer.start_span(
            "inference batch",
            Context(),
            links=links,
            start_time=epoch_ns(started),
            attributes={"cifar10.batch.size": size},
        )
        span.end(epoch_ns(started) + round(seconds * 1e9))
        return span.get_span_context()

    def shutdown(self) -> None:
        """Send what is left, for :data:`LAST_SPANS_SECONDS` at most."""
        if self._provider:
            sending = threading.Thread(target=self._provider.shutdown, name="last spans", daemon=True)
            sending.start()
            sending.join(LAST_SPANS_SECONDS)
