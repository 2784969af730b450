"""Flask, for gunicorn's sync workers."""

from flask import Flask, Response, request

from benchmarks.peers.classifier import Classifier, decode, dumped


def create_app() -> Flask:
    app = Flask(__name__)
    classifier = Classifier()

    @app.post("/predict")
    def predict() -> Response:
        images = [decode(file.read()) for file in request.files.getlist("file")]
        return Response(dumped(classifier.answers(images)), mimetype="application/json")

    return app
