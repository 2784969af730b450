"""FastAPI, for uvicorn. The view computes in the event loop: with one process per CPU, a thread pool only adds cost."""

from fastapi import FastAPI, Response, UploadFile

from benchmarks.peers.classifier import Classifier, decode, dumped


def create_app() -> FastAPI:
    app = FastAPI()
    classifier = Classifier()

    @app.post("/predict")  # type: ignore[untyped-decorator]
    async def predict(file: list[UploadFile]) -> Response:
        images = [decode(await each.read()) for each in file]
        return Response(dumped(classifier.answers(images)), media_type="application/json")

    return app
