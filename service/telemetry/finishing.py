"""From what was measured to the spans that tell of it, at the very times that were measured."""

import time
from collections.abc import Callable, Mapping, Sequence

from opentelemetry.trace import SpanContext, SpanKind, StatusCode
from opentelemetry.util.types import AnyValue

from service.jobs import Batch
from service.telemetry.finished_span import FinishedSpan
from service.telemetry.observation import Observation
from service.telemetry.server_span import FIRST_SERVER_ERROR, ServerSpan


def since_epoch(moment: float) -> int:
    """A monotonic moment in nanoseconds since the epoch, as spans have it."""
    return time.time_ns() - round((time.monotonic() - moment) * 1e9)


def of_batch(batch: Batch, context: SpanContext, links: Sequence[SpanContext]) -> FinishedSpan:
    """The span of a computed batch, the root of its trace."""
    start = since_epoch(batch.started)
    end = start + round(batch.seconds * 1e9)
    about = {"cifar10.batch.size": batch.size}
    return FinishedSpan("inference batch", context.trace_id, context.span_id, None, start, end, links, about)


def of_request(
    one: Observation, span: ServerSpan, attributes: Mapping[str, AnyValue], new_id: Callable[[], int]
) -> list[FinishedSpan]:
    """The spans of a request's stages, which get new ids, and its server span, which gets these attributes."""
    context, arrived = span.context, one.stages.arrived
    trace_id = context.trace_id
    spans = []
    for stage, started, seconds in one.stages.passed:
        links: tuple[SpanContext, ...] = ()
        if stage == "inference" and one.classified and one.classified.batch.mark:
            links = (one.classified.batch.mark,)  # type: ignore[assignment]
        start = span.start + round((started - arrived) * 1e9)
        spans.append(FinishedSpan(stage, trace_id, new_id(), context, start, start + round(seconds * 1e9), links))
    spans.append(
        FinishedSpan(
            span.name,
            trace_id,
            context.span_id,
            span.parent,
            span.start,
            span.start + round(one.seconds * 1e9),
            attributes=attributes,
            kind=SpanKind.SERVER,
            status=StatusCode.ERROR if one.status >= FIRST_SERVER_ERROR else StatusCode.UNSET,
            trace_state=context.trace_state,
        )
    )
    return spans
