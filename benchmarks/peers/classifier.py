"""What every peer computes: this repository's model with the engine that the benchmark names, on one thread."""

import io
import json
import os
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.artifact import Artifact
from model.engines import load
from model.labels import CLASSES

SIZE = 32
"""Width and height of the model's images, in pixels."""

ENGINE, PRECISION = "BENCHMARK_ENGINE", "BENCHMARK_PRECISION"
"""Environment variables; see :data:`model.engines.ENGINES`."""


class Classifier:
    """Loads the model when it is created."""

    def __init__(self) -> None:
        self._engine = load(os.environ[ENGINE], Artifact.open(), precision=os.environ[PRECISION], threads=1)

    def probabilities(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """``[N, 10]`` of images ``[32, 32, 3]``."""
        logits = self._engine.predict(np.stack(images))
        exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
        found: NDArray[np.float32] = exponentials / exponentials.sum(axis=1, keepdims=True)
        return found

    def answers(self, images: Sequence[NDArray[np.uint8]]) -> list[dict[str, object]]:
        return [answer(each) for each in self.probabilities(images)]


def decode(file: bytes) -> NDArray[np.uint8]:
    """Pixels ``[32, 32, 3]`` of an image file."""
    return pixels(Image.open(io.BytesIO(file)))


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Pixels ``[32, 32, 3]`` of an image of any size."""
    found = image.convert("RGB")
    return np.asarray(found if found.size == (SIZE, SIZE) else found.resize((SIZE, SIZE)))


def answer(probabilities: NDArray[np.float32]) -> dict[str, object]:
    """The answer for one image."""
    by_class = {name: round(float(each), 6) for name, each in zip(CLASSES, probabilities, strict=True)}
    best = CLASSES[int(probabilities.argmax())]
    return {"predict": best, "confidence": by_class[best], "probabilities": by_class}


def dumped(answers: Sequence[dict[str, object]]) -> str:
    """JSON: one answer as an object, several as a list."""
    return json.dumps(answers[0] if len(answers) == 1 else {"predictions": answers}, separators=(",", ":"))
