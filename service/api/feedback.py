"""``POST /feedback``: the true class of an image that was predicted, for accuracy on live traffic."""

import json

from flask import Blueprint, Response, g, jsonify

from model.labels import CLASSES
from service.api import request_body
from service.errors import BadRequest, NotReady, OtherModel, UnknownLabel
from service.inference.model_loader import ModelLoader
from service.inference.prediction_id import PredictionIds
from service.settings import Settings
from service.telemetry.metrics.predictions import PredictionMetrics
from service.telemetry.observation import Feedback

MAX_BODY_BYTES = 1 << 16

HINT = 'Send {"prediction_id": "...", "label": "cat"}: the id from the answer of POST /predict, and the true class.'
REQUEST_ID_HINT = "A request_id does not identify a prediction: send the prediction_id from the answer."


def blueprint(settings: Settings, loader: ModelLoader, ids: PredictionIds, metrics: PredictionMetrics) -> Blueprint:
    """The server does not store ids: feedback that is sent twice is counted twice."""
    routes = Blueprint("feedback", __name__)

    @routes.post("/feedback")
    def feedback() -> tuple[Response, int]:
        if loader.artifact is None:
            raise NotReady("The model is not loaded.")
        prediction_id, label = _parse(request_body.read(MAX_BODY_BYTES, settings.body_timeout_seconds))
        if label not in CLASSES:
            raise UnknownLabel(f"{label[:40]!r} is not a class.")
        issued = ids.read(prediction_id)
        predicted = issued.predicted_class
        g.observation.feedback = Feedback(prediction_id, predicted, label)
        loaded = loader.artifact.card.digest
        if issued.model != loaded:
            raise OtherModel(f"The prediction was made with weights {issued.model}; {loaded} are loaded.")
        metrics.feedback(predicted, label)
        answer = {"accepted": True, "correct": predicted == label, "predicted_class": predicted, "label": label}
        return jsonify(answer), 202

    return routes


def _parse(body: bytes) -> tuple[str, str]:
    """``prediction_id`` and ``label``."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not JSON.", hint=HINT) from error
    if not isinstance(sent, dict):
        raise BadRequest("The body is not a JSON object.", hint=HINT)
    if "request_id" in sent and "prediction_id" not in sent:
        raise BadRequest("The prediction_id is missing.", hint=REQUEST_ID_HINT)
    return _text(sent, "prediction_id"), _text(sent, "label")


def _text(sent: dict[str, object], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise BadRequest(f"The {name} is {'not a string' if name in sent else 'missing'}.", hint=HINT)
    return value
