"""``GET /model``: the card of the model that answers."""

from flask import Blueprint, Response, jsonify

from service.errors import NotReady
from service.loading import Loader


def blueprint(loader: Loader) -> Blueprint:
    routes = Blueprint("info", __name__)

    @routes.get("/model")
    def model() -> Response:
        if loader.artifact is None:
            raise NotReady("The model is not loaded.")
        return jsonify(loader.artifact.card.raw)

    return routes
