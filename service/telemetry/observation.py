"""What is seen of one request, in one place: its answer's headers, metrics, spans and log line all read it."""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from service.jobs import Batch
from service.predictions import Prediction
from service.telemetry.stages import Stages
from service.telemetry.trace_context import TraceContext


@dataclass(frozen=True)
class Classified:
    """A request's images ``[N, 32, 32, 3]`` uint8, their logits ``[N, 10]``, and what was answered for them."""

    images: NDArray[np.uint8]
    logits: NDArray[np.float32]
    predictions: list[Prediction]
    prediction_ids: list[str]
    batch: Batch
    model_version: str


class Told(NamedTuple):
    """What feedback told of a prediction."""

    prediction_id: str
    predicted_class: str
    label: str


class Refusal(NamedTuple):
    """What was answered instead; the error itself would keep alive all that led to it, the body included."""

    code: str
    detail: str


@dataclass
class Observation:
    """Filled in by the thread that handles the request (``g.observation``), and left alone once it is answered."""

    request_id: str
    trace: TraceContext
    stages: Stages
    method: str
    path: str
    route: str | None
    """Template of the matched rule, ``None`` where none matched."""
    client: str | None
    span: Any = None
    """The server span, where one is recorded."""
    body_bytes: int | None = None
    """As far as it was read."""
    sizes: list[int] = field(default_factory=list)
    """Width times height of each image as it was sent."""
    refusal: Refusal | None = None
    classified: Classified | None = None
    told: Told | None = None
    status: int = 0
    seconds: float = 0.0
    """From the request's arrival to its answer."""
    duration_ms: float = 0.0
    stages_ms: dict[str, float] = field(default_factory=dict)
    """The same, and the stages, as they are told to people: to the microsecond."""
    answered_at: float = 0.0
    """Since the epoch."""
