"""The server span of a request, as OpenTelemetry's Flask instrumentation would make it.

While the request is handled it is no span of the SDK, which locks and copies for each of its attributes: what they are
made of is kept until the request is answered.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.instrumentation import wsgi
from opentelemetry.instrumentation._semconv import _StabilityMode
from opentelemetry.sdk.trace import SpanLimits
from opentelemetry.trace import SpanContext
from opentelemetry.util.types import AnyValue

from service.telemetry.observation import Observation

FIRST_SERVER_ERROR = 500
"""The conventions call nothing below an error of a server's span."""

KEPT = (
    "REQUEST_METHOD",
    "wsgi.url_scheme",
    "HTTP_HOST",
    "SERVER_PORT",
    "RAW_URI",
    "REQUEST_URI",
    "PATH_INFO",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REMOTE_PORT",
    "REMOTE_HOST",
    "HTTP_USER_AGENT",
    "SERVER_PROTOCOL",
)
"""What attributes are made of; the rest of WSGI's ``environ`` would keep the body and the socket alive."""

CAPTURED_HEADERS = "OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_{}"

STABLE = _StabilityMode.HTTP

Attributes = dict[str, AnyValue]


@dataclass(slots=True)
class ServerSpan:
    """A request's span that has not ended yet; ``start`` is in nanoseconds since the epoch."""

    name: str
    context: SpanContext
    parent: SpanContext | None
    start: int
    given: Mapping[str, AnyValue]
    """The attributes that the sampler wants it to have."""
    kept: dict[str, Any]
    """Of WSGI's ``environ``."""
    captured: Attributes = field(default_factory=dict)
    """From headers."""


class Conventions:
    """What the semantic conventions, and the environment, want said of a request."""

    def __init__(self) -> None:
        self._limits = SpanLimits()
        self._captures_request, self._captures_response = (
            bool(os.environ.get(CAPTURED_HEADERS.format(kind))) for kind in ("REQUEST", "RESPONSE")
        )

    def asked(self, span: ServerSpan, environ: Mapping[str, Any]) -> None:
        """Take from the request's headers what the span shall hold of them."""
        if self._captures_request:
            span.captured |= _fixed(wsgi.collect_custom_request_headers_attributes(dict(environ)))

    def answered(self, span: ServerSpan, headers: Iterable[tuple[str, str]]) -> None:
        """Take from the answer's headers what the span shall hold of them."""
        if self._captures_response:
            span.captured |= _fixed(wsgi.collect_custom_response_headers_attributes(list(headers)))

    def attributes(self, span: ServerSpan, one: Observation) -> Mapping[str, AnyValue]:
        """All that the span says of a request that is answered, within the limits of the environment."""
        collected = wsgi.collect_request_attributes(span.kept, STABLE)
        # The oldest are dropped where there are too many, and what is set again is not old.
        attributes: Attributes = {key: value for key, value in span.given.items() if key not in collected}
        attributes |= collected
        attributes |= span.captured
        attributes["http.response.status_code"] = one.status
        if one.status >= FIRST_SERVER_ERROR:
            attributes["error.type"] = one.refusal.code if one.refusal else str(one.status)
        attributes["cifar10.request.id"] = one.request_id
        if one.refusal:
            attributes["cifar10.error.code"] = one.refusal.code
        if one.classified:
            attributes["cifar10.batch.size"] = one.classified.batch.size
            attributes["cifar10.predicted_class"] = one.classified.predictions[0].label
            attributes["cifar10.images"] = len(one.classified.predictions)
        return self._limited(attributes)

    def _limited(self, attributes: Attributes) -> Mapping[str, AnyValue]:
        most, longest = self._limits.max_span_attributes, self._limits.max_span_attribute_length
        if longest is None and (most is None or len(attributes) <= most):
            return attributes
        return BoundedAttributes(most, attributes, max_value_len=longest)


def keep(environ: Mapping[str, Any]) -> dict[str, Any]:
    """What attributes will be made of."""
    return {name: environ[name] for name in KEPT if name in environ}


def _fixed(attributes: Mapping[str, Iterable[str]]) -> Attributes:
    return {key: tuple(values) for key, values in attributes.items()}
