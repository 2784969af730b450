"""Whether requests are traced: only if an OTLP endpoint is set, by OpenTelemetry as its ``OTEL_*`` variables say."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from service.telemetry.metrics.telemetry_health import TelemetryMetrics

if TYPE_CHECKING:
    from service.telemetry.tracing.tracer import Tracer

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
PROTOCOL = "http/protobuf"

log = logging.getLogger("cifar10")


def create_tracer(environ: Mapping[str, str], metrics: TelemetryMetrics) -> "Tracer | None":
    """The tracer that the ``OTEL_*`` variables ask for, if any; variables that cannot be used disable tracing."""
    if not enabled(environ):
        return None
    for name in PROTOCOLS:
        if environ.get(name, PROTOCOL).strip() not in ("", PROTOCOL):
            log.warning("%s=%s is not supported: %s is used", name, environ[name][:100], PROTOCOL)
    try:
        from service.telemetry.tracing.tracer import Tracer  # imports the SDK, only if it is used

        return Tracer(metrics)
    except Exception as error:  # a variable may make any part of OpenTelemetry fail
        log.warning("tracing is disabled: OpenTelemetry does not accept its OTEL_* variables: %s", error)
        return None


def enabled(environ: Mapping[str, str]) -> bool:
    """Whether an endpoint is set and neither the SDK nor the OTLP exporter is disabled."""
    exporters = (environ.get("OTEL_TRACES_EXPORTER", "").strip() or "otlp").replace(" ", "").split(",")
    disabled = environ.get("OTEL_SDK_DISABLED", "").strip().lower() == "true"
    return any(environ.get(name) for name in ENDPOINTS) and "otlp" in exporters and not disabled
