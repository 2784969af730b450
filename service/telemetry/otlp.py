"""Spans as OTLP has them: the very message that the SDK's encoder makes (a test compares the two), for a third of the
time. That one inspects and encodes again for each span what all of them have in common.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence

from opentelemetry.attributes import BoundedAttributes
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from opentelemetry.proto.resource.v1.resource_pb2 import Resource as EncodedResource
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, SpanFlags, Status
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, StatusCode

from service.telemetry.finished_span import FinishedSpan

_INTERNAL, _UNSET = SpanKind.INTERNAL, StatusCode.UNSET
_KINDS = {kind: Span.SpanKind.Value(f"SPAN_KIND_{kind.name}") for kind in SpanKind}

_LOCAL = SpanFlags.SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK
_REMOTE = _LOCAL | SpanFlags.SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK

_USUAL = Span(kind=Span.SPAN_KIND_INTERNAL, status=Status(), flags=_LOCAL)
"""What most spans have in common: copied whole, it costs less than field by field."""

log = logging.getLogger("cifar10")


def encode(spans: Iterable[FinishedSpan], resource: Resource, scope: InstrumentationScope) -> ExportTraceServiceRequest:
    """What a collector is asked to take: spans that all come from this resource and this instrumentation."""
    request = ExportTraceServiceRequest()
    of_resource = request.resource_spans.add(schema_url=resource.schema_url, resource=EncodedResource())
    _add_attributes(of_resource.resource, resource.attributes)
    of_scope = of_resource.scope_spans.add()
    of_scope.scope.name = scope.name
    of_scope.scope.version = scope.version or ""
    for span in spans:
        _add_span(of_scope, span)
    return request


def _add_span(to: ScopeSpans, span: FinishedSpan) -> None:
    name, trace_id, span_id, parent, start, end, links, attributes, kind, status, trace_state = span
    new = to.spans.add()
    new.CopyFrom(_USUAL)
    new.trace_id = trace_id.to_bytes(16)
    new.span_id = span_id.to_bytes(8)
    new.name = name
    new.start_time_unix_nano = start
    new.end_time_unix_nano = end
    if parent:
        new.parent_span_id = parent.span_id.to_bytes(8)
        new.flags = _flags(parent)
    if kind is not _INTERNAL:
        new.kind = _KINDS[kind]
    if status is not _UNSET:
        new.status.code = status.value
    if trace_state:
        new.trace_state = trace_state.to_header()
    for link in links:
        new.links.add(trace_id=link.trace_id.to_bytes(16), span_id=link.span_id.to_bytes(8), flags=_flags(link))
    if attributes is not None:
        _add_attributes(new, attributes)
        if isinstance(attributes, BoundedAttributes):
            new.dropped_attributes_count = attributes.dropped


def _flags(context: SpanContext) -> int:
    return _REMOTE if context.is_remote else _LOCAL


def _add_attributes(to: Span | EncodedResource, attributes: Mapping[str, object]) -> None:
    """Add those that can be encoded; of others the log tells."""
    for key, value in attributes.items():
        new = to.attributes.add()
        try:
            new.key = key
            _set(new.value, value)
        except Exception:
            del to.attributes[-1]
            log.exception("the attribute %r of a span cannot be encoded", key)


def _set(new: AnyValue, value: object) -> None:
    if isinstance(value, str):
        new.string_value = value
    elif isinstance(value, bool):
        new.bool_value = value
    elif isinstance(value, int):
        new.int_value = value
    elif isinstance(value, float):
        new.double_value = value
    elif isinstance(value, bytes):
        new.bytes_value = value
    elif isinstance(value, Sequence):
        new.array_value.SetInParent()
        for each in value:
            _set(new.array_value.values.add(), each)
    elif isinstance(value, Mapping):
        new.kvlist_value.SetInParent()
        for key, each in value.items():
            _set(new.kvlist_value.values.add(key=str(key)).value, each)
    elif value is None:
        new.SetInParent()
    else:
        raise TypeError(f"no such value in OTLP: {type(value)}")
