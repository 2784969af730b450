"""The trace that a request belongs to (W3C Trace Context), with or without a tracer.

Every request has a trace id, so that its answer, its log line and the caller's traces can be correlated even without
a collector.
"""

import random
import re
from typing import NamedTuple

# Version 00 ends with the flags; later versions may add fields.
_TRACEPARENT = re.compile(
    r"(?!ff|00-.{52}-)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-([0-9a-f]{2})(-.*)?"
)


class TraceContext(NamedTuple):
    """``trace_id`` (32 hex digits), ``span_id`` of this request (16), and whether its spans are recorded."""

    trace_id: str
    span_id: str
    sampled: bool

    @property
    def header(self) -> str:
        """The value of ``traceparent`` and ``traceresponse``."""
        return f"00-{self.trace_id}-{self.span_id}-{int(self.sampled):02x}"

    @property
    def exemplar(self) -> dict[str, str] | None:
        """The exemplar's labels; ``None`` if the trace is not sampled."""
        return {"trace_id": self.trace_id} if self.sampled else None


def from_traceparent(traceparent: str | None) -> TraceContext:
    """The caller's trace, or a new one; not sampled, because nothing records it."""
    found = _TRACEPARENT.fullmatch(traceparent or "")
    trace_id = found[1] if found else f"{random.getrandbits(128) or 1:032x}"
    return TraceContext(trace_id, f"{random.getrandbits(64) or 1:016x}", sampled=False)
