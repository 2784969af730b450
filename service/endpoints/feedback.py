"""``POST /feedback``: which class a predicted image really was, for accuracy and confusions on live traffic."""

import json

from flask import Blueprint, Response, g, jsonify

from model.labels import CLASSES
from service.errors import BadRequest, NotReady, OtherModel, UnknownLabel
from service.feedback import PredictionIds
from service.loading import Loader
from service.telemetry import receiving
from service.telemetry.metrics.feedback import FeedbackMetrics
from service.telemetry.observation import Told

MAX_BODY_BYTES = 1 << 16

HINT = 'Send {"prediction_id": "...", "label": "cat"}: the id from the answer of POST /predict, and the true class.'
REQUEST_ID_HINT = "A request_id does not tell what was predicted: send the prediction_id from the answer instead."


def blueprint(loader: Loader, ids: PredictionIds, metrics: FeedbackMetrics) -> Blueprint:
    """Nothing is kept about what was sent before: feedback that is sent twice is counted twice."""
    routes = Blueprint("feedback", __name__)

    @routes.post("/feedback")
    def feedback() -> tuple[Response, int]:
        if loader.artifact is None:
            raise NotReady("The model is not loaded.")
        prediction_id, label = _fields(receiving.body(MAX_BODY_BYTES))
        if label not in CLASSES:
            raise UnknownLabel(f"{label[:40]!r} is not a class.")
        issued = ids.read(prediction_id)
        predicted = issued.predicted_class
        g.observation.told = Told(prediction_id, predicted, label)
        loaded = loader.artifact.card.sha256
        if not loaded.startswith(issued.model):
            raise OtherModel(f"Weights {issued.model} predicted; {loaded[: len(issued.model)]} are loaded.")
        metrics.received(predicted, label)
        answer = {"accepted": True, "correct": predicted == label, "predicted_class": predicted, "label": label}
        return jsonify(answer), 202

    return routes


def _fields(body: bytes) -> tuple[str, str]:
    """``prediction_id`` and ``label``."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.", hint=HINT) from error
    if not isinstance(sent, dict):
        raise BadRequest("The body is not a JSON object.", hint=HINT)
    if "request_id" in sent and "prediction_id" not in sent:
        raise BadRequest("The prediction_id is missing.", hint=REQUEST_ID_HINT)
    prediction_id, label = (_text(sent, name) for name in ("prediction_id", "label"))
    return prediction_id, label


def _text(sent: dict[str, object], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"The {name} is {'not a string' if name in sent else 'missing'}.", hint=HINT)
    return value
