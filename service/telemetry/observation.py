"""What is observed of one request: its headers, metrics, spans and log line all read this object."""

import time
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.inference.job import Batch
from service.inference.postprocess import Prediction
from service.telemetry.stages import Stages, milliseconds, server_timing
from service.telemetry.tracing.trace_context import TraceContext


@dataclass(frozen=True)
class Classified:
    """A request's images ``[N, 32, 32, 3]`` uint8, their logits ``[N, 10]``, and what was answered."""

    images: NDArray[np.uint8]
    logits: NDArray[np.float32]
    predictions: list[Prediction]
    prediction_ids: list[str]
    batch: Batch
    model_version: str


class Feedback(NamedTuple):
    """The prediction that feedback refers to, and its true class."""

    prediction_id: str
    predicted_class: str
    label: str


class Refusal(NamedTuple):
    """The error that was answered. The exception itself would keep the body alive through its traceback."""

    code: str
    detail: str


@dataclass
class Observation:
    """Filled in by the thread that handles the request (``g.observation``); not changed after :meth:`finish`."""

    request_id: str
    trace: TraceContext
    stages: Stages
    method: str
    path: str
    route: str | None
    """The template of the matched rule; ``None`` if no rule matched."""
    client: str | None
    span: Any = None
    """The server span, if it is recorded."""
    body_bytes: int | None = None
    """Bytes of the body that were read."""
    sizes: list[int] = field(default_factory=list)
    """Width times height of each image as it was sent."""
    refusal: Refusal | None = None
    classified: Classified | None = None
    feedback: Feedback | None = None
    status: int = 0
    seconds: float = 0.0
    """From the request's arrival to its answer."""
    duration_ms: float = 0.0
    stages_ms: dict[str, float] = field(default_factory=dict)
    """The duration and the stages in milliseconds, rounded to the microsecond, as headers and logs show them."""
    answered_at: float = 0.0
    """Seconds since the epoch."""

    def finish(self, status: int) -> None:
        """The request is answered now, with that status."""
        self.seconds = self.stages.total()
        self.duration_ms = milliseconds(self.seconds)
        self.stages_ms = self.stages.milliseconds()
        self.answered_at = time.time()
        self.status = status

    def headers(self) -> dict[str, str]:
        """What every answer carries."""
        return {
            "X-Request-Id": self.request_id,
            "traceresponse": self.trace.header,
            "Server-Timing": server_timing(self.stages_ms, self.duration_ms),
        }

    def ids(self) -> dict[str, str]:
        """The ids that every log line about the request has."""
        return {"request_id": self.request_id, "trace_id": self.trace.trace_id, "span_id": self.trace.span_id}
