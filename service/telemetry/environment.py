"""OpenTelemetry's variables, mended before its SDK reads them: a bad one would stop the server from starting."""

import math
import re
from collections.abc import Callable, MutableMapping
from importlib.metadata import entry_points

from service.telemetry.tracing import ENDPOINTS, disabled, exporters
from service.values import one_of, seconds, whole

PROTOCOL = "http/protobuf"
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL")
_EXPORTER = "OTEL_TRACES_EXPORTER"

_SAMPLERS = (
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
)

Check = Callable[[str], object]
"""Raises ``ValueError`` with what it expected."""


def _limit(value: str) -> object:
    return value.lower() == "unset" or whole(0, 1_000_000_000)(value)


def _ratio(value: str) -> None:
    try:
        rate = float(value)
    except ValueError:
        rate = math.nan
    if not 0 <= rate <= 1:
        raise ValueError("a number from 0 to 1")


def _patterns(value: str) -> None:
    try:
        re.compile("|".join(pattern.strip() for pattern in value.split(",")))
    except re.error as error:
        raise ValueError(f"regular expressions, with commas between them ({error})") from None


def _propagators(value: str) -> None:
    known = {point.name for point in entry_points(group="opentelemetry_propagator")} | {"none"}
    for name in value.split(","):
        if name.strip() not in known:
            raise ValueError(f"names of installed propagators ({', '.join(sorted(known))})")


CHECKS: dict[str, Check] = {
    "OTEL_PROPAGATORS": _propagators,
    "OTEL_TRACES_SAMPLER": lambda value: one_of(*_SAMPLERS)(value.lower()),
    "OTEL_TRACES_SAMPLER_ARG": _ratio,
    "OTEL_ATTRIBUTE_COUNT_LIMIT": _limit,
    "OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT": _limit,
    "OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT": _limit,
    "OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT": _limit,
    "OTEL_SPAN_EVENT_COUNT_LIMIT": _limit,
    "OTEL_SPAN_LINK_COUNT_LIMIT": _limit,
    "OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT": _limit,
    "OTEL_LINK_ATTRIBUTE_COUNT_LIMIT": _limit,
    "OTEL_BSP_EXPORT_TIMEOUT": _limit,
    "OTEL_EXPORTER_OTLP_TIMEOUT": seconds(0, 3600),
    "OTEL_EXPORTER_OTLP_TRACES_TIMEOUT": seconds(0, 3600),
    "OTEL_EXPORTER_OTLP_COMPRESSION": lambda value: one_of("none", "gzip", "deflate")(value.lower()),
    "OTEL_EXPORTER_OTLP_TRACES_COMPRESSION": lambda value: one_of("none", "gzip", "deflate")(value.lower()),
    "OTEL_PYTHON_EXCLUDED_URLS": _patterns,
    "OTEL_PYTHON_FLASK_EXCLUDED_URLS": _patterns,
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST": _patterns,
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE": _patterns,
    "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SANITIZE_FIELDS": _patterns,
}
"""Of the variables that the SDK or the instrumentation fails on, or tells of without naming them."""


def mend(environ: MutableMapping[str, str]) -> list[str]:
    """Take out what cannot be used, so that its default holds; one line for each, for the log.

    What is empty counts as not set, as the specification wants it. Nothing is said where no traces are asked for.
    """
    if disabled(environ):
        return []
    told = []
    others = sorted(exporters(environ) - {"otlp", "none"})
    if others:
        told.append(f"{_EXPORTER}={_shown(environ[_EXPORTER])}: no exporter but otlp is there")
    if not any(environ.get(name) for name in ENDPOINTS):
        return told
    for name in _PROTOCOLS:
        if environ.get(name, "").strip() not in ("", PROTOCOL):
            told.append(f"{name}={_shown(environ[name])}: no protocol but {PROTOCOL} is there, and it is used")
    for name, check in CHECKS.items():
        value = environ.get(name)
        if value is None:
            continue
        try:
            if not value.strip():
                del environ[name]
            else:
                check(value.strip())
        except ValueError as error:
            told.append(f"{name}={_shown(value)} is not valid: expected {error}; its default is used")
            del environ[name]
    return told


def _shown(value: str) -> str:
    return repr(value[:100])
