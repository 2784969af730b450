"""BentoML with a worker for each core. Its adaptive batching is left out: under load it answered with errors."""

import os

import bentoml
from PIL.Image import Image

from tests.bench.peers.apps.classifier import Classifier, pixels


@bentoml.service(workers=len(os.sched_getaffinity(0)), logging={"access": {"enabled": False}})
class Service:
    def __init__(self) -> None:
        self._classifier = Classifier()

    @bentoml.api(route="/predict")  # type: ignore[untyped-decorator]
    def predict(self, file: list[Image]) -> list[dict[str, object]]:
        return self._classifier.answers([pixels(each) for each in file])
