"""BentoML with one worker per CPU, without adaptive batching: under load that answered with errors."""

import os

import bentoml
from PIL.Image import Image

from benchmarks.peers.classifier import Classifier, pixels


@bentoml.service(workers=len(os.sched_getaffinity(0)), logging={"access": {"enabled": False}})
class Service:
    def __init__(self) -> None:
        self._classifier = Classifier()

    @bentoml.api(route="/predict")  # type: ignore[untyped-decorator]
    def predict(self, file: list[Image]) -> list[dict[str, object]]:
        return self._classifier.answers([pixels(each) for each in file])
