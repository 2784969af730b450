"""``GET /model``: the card of the model that is loaded."""

from flask import Blueprint, Response, jsonify

from service.errors import NotReady
from service.inference.model_loader import ModelLoader


def blueprint(loader: ModelLoader) -> Blueprint:
    routes = Blueprint("model_card", __name__)

    @routes.get("/model")
    def model() -> Response:
        if loader.artifact is None:
            raise NotReady("The model is not loaded.")
        return jsonify(loader.artifact.card.raw)

    return routes
