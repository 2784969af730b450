"""The access log: one line a request, for a person to read and a machine to join with metrics and traces."""

import logging
from collections.abc import Sequence
from typing import Any

from service.telemetry.metrics.http import QUIET_ROUTES
from service.telemetry.observation import Observation

LOGGER = "cifar10.access"

_LONGEST_PATH = 200

log = logging.getLogger(LOGGER)


class Line(logging.LogRecord):
    """One request's. It is put into words only where it is written: of a flood, few are."""

    def __init__(self, one: Observation, level: int) -> None:
        super().__init__(LOGGER, level, __file__, 0, "", None, None)
        self.created, self.msecs = one.answered_at, one.answered_at % 1 * 1000
        self.code = one.refusal.code if one.refusal else ""
        self._one = one

    @property
    def fields(self) -> dict[str, Any]:
        """What a machine reads."""
        return _fields(self._one)

    def getMessage(self) -> str:
        return self.msg or _message(self._one)


def write(observations: Sequence[Observation]) -> None:
    """Log one line for each, with the moment it was answered; probes and scrapes at debug."""
    for one in observations:
        level = logging.DEBUG if one.route in QUIET_ROUTES else logging.INFO
        if log.isEnabledFor(level):
            log.handle(Line(one, level))  # log.log() would search the stack for the caller, and date the line with now


def _message(one: Observation) -> str:
    outcome = ""
    if one.refusal:
        outcome = f" {one.refusal.code}: {one.refusal.detail}"
    elif one.classified:
        predictions = one.classified.predictions
        outcome = " " + ", ".join([f"{each.label} {each.confidence:.2f}" for each in predictions[:4]])
        outcome += ", …" if len(predictions) > 4 else ""
    elif one.told:
        outcome = f" {one.told.predicted_class}, was {one.told.label}"
    return f"{one.method} {one.path[:_LONGEST_PATH]} {one.status} in {1000 * one.seconds:.1f} ms{outcome}"


def _fields(one: Observation) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "request_id": one.request_id,
        "trace_id": one.trace.trace_id,
        "span_id": one.trace.span_id,
        "method": one.method,
        "path": one.path[:_LONGEST_PATH],
        "route": one.route,
        "status": one.status,
        "duration_ms": one.duration_ms,
        "stages_ms": one.stages_ms,
        "client": one.client,
    }
    if one.refusal:
        fields["code"] = one.refusal.code
    if one.classified:
        fields["predict"] = [each.label for each in one.classified.predictions]
        fields["confidence"] = [each.confidence for each in one.classified.predictions]
        fields["prediction_ids"] = one.classified.prediction_ids
        fields["batch_size"] = one.classified.batch.size
        fields["model_version"] = one.classified.model_version
    if one.told:
        fields.update(one.told._asdict())
    return fields
