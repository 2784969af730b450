"""A span that is over, as far as anything is to be told of it."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceState
from opentelemetry.util.types import AnyValue


class FinishedSpan(NamedTuple):
    """What the SDK's ``ReadableSpan`` holds, less what all spans have in common; a third as dear.

    ``start`` and ``end`` are in nanoseconds since the epoch; ``links`` are to the spans of these contexts.
    """

    name: str
    trace_id: int
    span_id: int
    parent: SpanContext | None
    start: int
    end: int
    links: Sequence[SpanContext] = ()
    attributes: Mapping[str, AnyValue] | None = None
    kind: SpanKind = SpanKind.INTERNAL
    status: StatusCode = StatusCode.UNSET
    trace_state: TraceState | None = None
