import time

import pytest
from opentelemetry.trace import SpanContext, SpanKind, StatusCode, TraceState

from service.jobs import Batch
from service.telemetry import finishing
from service.telemetry.observation import Observation
from service.telemetry.server_span import ServerSpan
from service.telemetry.stages import Stages
from service.telemetry.trace_context import TraceContext
from tests.service.clock import Clock

START = 1_700_000_000_000_000_000
PARENT = SpanContext(7, 8, is_remote=True)
OWN = SpanContext(7, 9, is_remote=False, trace_state=TraceState([("vendor", "1")]))


def observation(status: int) -> Observation:
    stages = Stages(arrived=100.0, taken=100.5)
    stages.record("receive", 100.5, 0.25)
    trace = TraceContext("", "", sampled=True)
    return Observation("id", trace, stages, "GET", "/model", "/model", None, status=status, seconds=2.0)


@pytest.mark.parametrize(
    ("status", "told"), [(200, StatusCode.UNSET), (499, StatusCode.UNSET), (500, StatusCode.ERROR)]
)
def test_a_request_is_told_of_at_the_times_that_were_measured(status: int, told: StatusCode) -> None:
    ids = iter((21, 22))
    span = ServerSpan("GET /model", OWN, PARENT, START, {}, {})
    wait, receive, server = finishing.of_request(observation(status), span, {"key": "value"}, lambda: next(ids))
    assert (wait.name, wait.span_id, wait.start - START, wait.end - START) == ("wait", 21, 0, 500_000_000)
    assert (receive.name, receive.span_id, receive.start - START, receive.end - START) == (
        "receive",
        22,
        500_000_000,
        750_000_000,
    )
    assert wait.parent == receive.parent == OWN
    assert {wait.trace_id, receive.trace_id, server.trace_id} == {7}
    assert (server.name, server.span_id, server.parent) == ("GET /model", 9, PARENT)
    assert (server.start - START, server.end - START) == (0, 2_000_000_000)
    assert (server.kind, server.status, server.attributes) == (SpanKind.SERVER, told, {"key": "value"})
    assert server.trace_state == OWN.trace_state


def test_a_batch_is_told_of_at_the_times_that_were_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr(time, "monotonic", clock)
    monkeypatch.setattr(time, "time_ns", lambda: START)
    batch = Batch(3, clock.now - 1.0, clock.now - 0.5, 0.25, ())
    span = finishing.of_batch(batch, OWN, [PARENT])
    assert (span.start - START, span.end - START) == (-500_000_000, -250_000_000)
    assert (span.trace_id, span.span_id, span.parent, span.links) == (7, 9, None, [PARENT])
    assert span.attributes == {"cifar10.batch.size": 3}
