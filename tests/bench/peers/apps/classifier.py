"""What every peer computes: this repository's network and weights in float32, as fast as PyTorch alone makes it.

Traced, frozen and channels last, on one thread, since each peer has a process for every core.
"""

import io
import json
import warnings
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from model.artifact import Artifact
from model.labels import CLASSES
from model.preprocess import SIZE
from model.storage import restored


class Classifier:
    """Loads when it is made."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        artifact = Artifact.open()
        network = restored(artifact.weights()).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        example = torch.zeros(1, 3, SIZE, SIZE).to(memory_format=torch.channels_last)
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore", DeprecationWarning)  # no replacement is as fast
            self._network = torch.jit.freeze(torch.jit.trace(network, example))  # type: ignore[no-untyped-call]
            for _ in range(3):  # the first calls optimise
                self._network(example)

    def probabilities(self, images: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """``[N, 10]`` of images ``[32, 32, 3]``."""
        batch = torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).float()
        with torch.inference_mode():
            found: NDArray[np.float32] = self._network(batch).softmax(1).numpy()
        return found

    def answers(self, images: Sequence[NDArray[np.uint8]]) -> list[dict[str, object]]:
        """What an app says about each image."""
        return [answer(each) for each in self.probabilities(images)]


def decode(file: bytes) -> NDArray[np.uint8]:
    """Pixels ``[32, 32, 3]`` of an image file."""
    return pixels(Image.open(io.BytesIO(file)))


def pixels(image: Image.Image) -> NDArray[np.uint8]:
    """Pixels ``[32, 32, 3]``, whatever the image's size."""
    found = image.convert("RGB")
    return np.asarray(found if found.size == (SIZE, SIZE) else found.resize((SIZE, SIZE)))


def answer(probabilities: NDArray[np.float32]) -> dict[str, object]:
    """Of one image."""
    place = int(probabilities.argmax())
    by_class = {name: round(float(each), 6) for name, each in zip(CLASSES, probabilities, strict=True)}
    return {"predict": CLASSES[place], "confidence": by_class[CLASSES[place]], "probabilities": by_class}


def dumped(answers: Sequence[dict[str, object]]) -> str:
    """One answer as itself, several as a list."""
    return json.dumps(answers[0] if len(answers) == 1 else {"predictions": answers}, separators=(",", ":"))
