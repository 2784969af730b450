"""Our encoding against the SDK's own of the same spans."""

from typing import Any

import pytest
from opentelemetry.attributes import BoundedAttributes
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link, SpanContext, SpanKind, Status, StatusCode, TraceState

from service.telemetry.finished_span import FinishedSpan
from service.telemetry.otlp import encode

RESOURCE = Resource({"service.name": "cifar10", "host.cpus": 2, "tags": ["a", "b"]}, "https://schema.example/1")
SCOPE = InstrumentationScope("cifar10", "1.2.3")
LOCAL = SpanContext(2**127 + 1, 2**63 + 1, is_remote=False)
REMOTE = SpanContext(7, 9, is_remote=True)

PLAIN = FinishedSpan("decode", 2**128 - 1, 1, None, 1_700_000_000_000_000_000, 1_700_000_000_000_000_001)

SPANS: dict[str, FinishedSpan] = {
    "without anything": PLAIN,
    "with a parent here": PLAIN._replace(parent=LOCAL),
    "with a parent elsewhere": PLAIN._replace(parent=REMOTE),
    "with links": PLAIN._replace(links=[LOCAL, REMOTE]),
    "with an error": PLAIN._replace(status=StatusCode.ERROR),
    "that is fine": PLAIN._replace(status=StatusCode.OK),
    "with a trace state": PLAIN._replace(trace_state=TraceState([("vendor", "1"), ("other", "2")])),
    "with an empty trace state": PLAIN._replace(trace_state=TraceState()),
    "with dropped attributes": PLAIN._replace(attributes=BoundedAttributes(1, {"a": 1, "b": 2, "c": 3})),
    "with none left": PLAIN._replace(attributes=BoundedAttributes(0, {"a": 1})),
    "without a name": PLAIN._replace(name=""),
    **{f"of kind {kind.name}": PLAIN._replace(kind=kind) for kind in SpanKind},
}

VALUES: list[Any] = [
    "text",
    "Größe 🐦",
    "",
    True,
    False,
    0,
    -1,
    2**63 - 1,
    0.25,
    float("inf"),
    b"\x00\xff",
    None,
    ("a", "b"),
    [],
    [1, None, [True, {"deep": 1.5}]],
    {},
    {"key": {"of": ["many"]}, "none": None},
]

BAD_VALUES: dict[str, Any] = {
    "too large": 2**63,
    "no text": "\ud800",
    "unknown": object(),
    "unknown within": {"fine": 1, "not": object()},
}


def readable(span: FinishedSpan) -> ReadableSpan:
    """As the SDK has it."""
    return ReadableSpan(
        name=span.name,
        context=SpanContext(span.trace_id, span.span_id, is_remote=False, trace_state=span.trace_state),
        parent=span.parent,
        resource=RESOURCE,
        attributes=span.attributes,
        links=[Link(context) for context in span.links],
        kind=span.kind,
        status=Status(span.status),
        start_time=span.start,
        end_time=span.end,
        instrumentation_scope=SCOPE,
    )


def theirs(*spans: FinishedSpan) -> ExportTraceServiceRequest:
    return encode_spans([readable(span) for span in spans])


def ours(*spans: FinishedSpan) -> ExportTraceServiceRequest:
    return encode(spans, RESOURCE, SCOPE)


@pytest.mark.parametrize("span", SPANS.values(), ids=SPANS)
def test_a_span_is_encoded_as_the_sdk_encodes_it(span: FinishedSpan) -> None:
    assert ours(span) == theirs(span)


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_a_value_is_encoded_as_the_sdk_encodes_it(value: Any) -> None:
    span = PLAIN._replace(attributes={"before": 1, "key": value, "after": 2})
    assert ours(span) == theirs(span)


@pytest.mark.parametrize("value", BAD_VALUES.values(), ids=BAD_VALUES)
def test_a_value_that_cannot_be_encoded_is_left_out_and_told_of(value: Any, caplog: pytest.LogCaptureFixture) -> None:
    assert ours(PLAIN._replace(attributes={"before": 1, "key": value, "after": 2})) == ours(
        PLAIN._replace(attributes={"before": 1, "after": 2})
    )
    assert "the attribute 'key' of a span cannot be encoded" in caplog.text


def test_many_spans_are_encoded_together_as_the_sdk_encodes_them() -> None:
    assert ours(*SPANS.values()) == theirs(*SPANS.values())
