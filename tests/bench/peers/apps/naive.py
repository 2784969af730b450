"""Flask under gunicorn's sync workers, without anything else: the baseline."""

from flask import Flask, Response, request

from tests.bench.peers.apps.classifier import Classifier, decode, dumped


def create_app() -> Flask:
    app = Flask(__name__)
    classifier = Classifier()

    @app.post("/predict")
    def predict() -> Response:
        images = [decode(file.read()) for file in request.files.getlist("file")]
        return Response(dumped(classifier.answers(images)), mimetype="application/json")

    return app
