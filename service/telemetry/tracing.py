"""Traces: off without an endpoint, else recorded by OpenTelemetry (:mod:`service.telemetry.spans`)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.jobs import Batch
from service.telemetry.observation import Observation
from service.telemetry.trace_context import TraceContext, continued

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


def enabled(environ: Mapping[str, str]) -> bool:
    """Whether spans are wanted: an endpoint is set and nothing turns them off."""
    return any(environ.get(name) for name in ENDPOINTS) and not disabled(environ) and "otlp" in exporters(environ)


def disabled(environ: Mapping[str, str]) -> bool:
    return environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"


def exporters(environ: Mapping[str, str]) -> set[str]:
    """Those that are asked for, or the default."""
    return set((environ.get("OTEL_TRACES_EXPORTER", "").strip() or "otlp").replace(" ", "").split(","))


class Tracing:
    """Gives every request its ids, and records nothing."""

    def begin(self, environ: Mapping[str, Any], route: str | None, arrived: float) -> tuple[Any, TraceContext]:
        """The server span, or ``None`` where none is recorded, and the context of a request.

        ``environ`` is WSGI's, ``route`` the template of the matched rule, ``arrived`` a monotonic moment.
        """
        return None, continued(environ.get("HTTP_TRACEPARENT"))

    def answered(self, span: Any, headers: Iterable[tuple[str, str]]) -> None:
        """Take from an answer's headers what the server span shall hold of them."""

    def batch(self, batch: Batch) -> object:
        """Record one batch, whose origins are server spans or ``None``; what this returns becomes its mark."""

    def record(self, observations: Sequence[Observation]) -> None:
        """Finish the server spans and add the stages, with the very times that were measured."""

    def shutdown(self) -> None:
        """Send what is left."""
