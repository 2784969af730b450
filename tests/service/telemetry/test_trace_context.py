import re

import pytest

from service.telemetry.trace_context import TraceContext, continued

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


def test_the_callers_trace_is_continued_with_a_span_of_our_own() -> None:
    context = continued(f"00-{TRACE}-{SPAN}-01")
    assert context.trace_id == TRACE
    assert context.span_id != SPAN


@pytest.mark.parametrize(
    "header",
    [None, "", "nonsense", f"ff-{TRACE}-{SPAN}-01", f"00-{'0' * 32}-{SPAN}-01", f"00-{TRACE}-{'0' * 16}-01",
     f"00-{TRACE.upper()}-{SPAN}-01", f"00-{TRACE}-{SPAN}-01-more"],
)  # fmt: skip
def test_without_a_valid_trace_a_new_one_begins(header: str | None) -> None:
    context = continued(header)
    assert context.trace_id != TRACE
    assert re.fullmatch(r"00-[0-9a-f]{32}-[0-9a-f]{16}-00", context.header)


def test_only_a_trace_that_can_be_looked_up_becomes_an_exemplar() -> None:
    assert TraceContext(TRACE, SPAN, sampled=True).exemplar == {"trace_id": TRACE}
    assert TraceContext(TRACE, SPAN, sampled=False).exemplar is None
