"""The access log: one line per request, with the ids that join it to metrics and traces."""

import logging
from collections.abc import Sequence
from typing import Any

from gunicorn.glogging import Logger

from service.telemetry.metrics.http import PROBE_ROUTES
from service.telemetry.observation import Observation

LOGGER = "cifar10.access"

_MAX_PATH_LENGTH = 200

log = logging.getLogger(LOGGER)


class AccessRecord(logging.LogRecord):
    """The line of one request, formatted only if it is written."""

    def __init__(self, one: Observation, level: int) -> None:
        super().__init__(LOGGER, level, __file__, 0, "", None, None)
        self.created, self.msecs = one.answered_at, one.answered_at % 1 * 1000
        self.code = one.refusal.code if one.refusal else ""
        self._one = one

    @property
    def fields(self) -> dict[str, Any]:
        """The members of a JSON line."""
        return _fields(self._one)

    def getMessage(self) -> str:
        return self.msg or _message(self._one)


class GunicornLogger(Logger):  # type: ignore[misc]
    """gunicorn's logger without its access log: the service writes its own."""

    def access(self, *args: object) -> None:
        pass


def write(observations: Sequence[Observation]) -> None:
    """Log a line for each, dated when it was answered; probes and scrapes at debug level."""
    for one in observations:
        level = logging.DEBUG if one.route in PROBE_ROUTES else logging.INFO
        if log.isEnabledFor(level):
            log.handle(AccessRecord(one, level))


def _message(one: Observation) -> str:
    outcome = ""
    if one.refusal:
        outcome = f" {one.refusal.code}: {one.refusal.detail}"
    elif one.classified:
        predictions = one.classified.predictions
        outcome = " " + ", ".join([f"{each.label} {each.confidence:.2f}" for each in predictions[:4]])
        outcome += ", …" if len(predictions) > 4 else ""
    elif one.feedback:
        outcome = f" predicted {one.feedback.predicted_class}, label {one.feedback.label}"
    return f"{one.method} {one.path[:_MAX_PATH_LENGTH]} {one.status} in {1000 * one.seconds:.1f} ms{outcome}"


def _fields(one: Observation) -> dict[str, Any]:
    fields: dict[str, Any] = {
        **one.ids(),
        "method": one.method,
        "path": one.path[:_MAX_PATH_LENGTH],
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
    if one.feedback:
        fields.update(one.feedback._asdict())
    return fields
