"""Fakes: an engine that answers by colour, an artifact that agrees with it, and a clock. None needs torch."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import save_file

from model.artifact import CARD, GOLDEN, WEIGHTS
from model.drift import Reference
from model.labels import CLASSES


class Clock:
    """Replaces ``time.monotonic``; its time changes only when a test changes it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def slowed(self, work: Callable[..., Any], milliseconds: float) -> Callable[..., Any]:
        """The same work, which now takes that long."""

        def slow(*given: Any, **named: Any) -> Any:
            self.now += milliseconds / 1000
            return work(*given, **named)

        return slow


class ColourEngine:
    """The class is the tenth of the red scale that contains the image's mean red."""

    name = "torch"
    precision = "float32"
    threads = 1

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        chosen = (images[..., 0].mean(axis=(1, 2)) / 25.6).astype(int)
        logits = np.zeros((len(images), len(CLASSES)), np.float32)
        logits[np.arange(len(images)), chosen] = 5.0
        return logits


def red_for(label: str) -> int:
    """A red level for which :class:`ColourEngine` answers ``label``."""
    return round((CLASSES.index(label) + 0.5) * 25.6)


def write_artifact(folder: Path) -> Path:
    """An artifact whose golden images have the answers of :class:`ColourEngine`."""
    folder.mkdir(parents=True, exist_ok=True)
    images = np.stack([np.full((32, 32, 3), red_for(label), np.uint8) for label in CLASSES])
    save_file({"nothing": np.zeros(1, np.float32)}, folder / WEIGHTS)
    labels = np.arange(len(CLASSES), dtype=np.int64)
    save_file({"images": images, "labels": labels, "logits": ColourEngine().predict(images)}, folder / GOLDEN)
    files = {
        name: {"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(), "bytes": 1}
        for name in (WEIGHTS, GOLDEN)
    }
    card = {
        "name": "colours",
        "version": "0.0.1",
        "classes": CLASSES,
        "input": {"size": 32},
        "evaluation": {"accuracy": 1.0},
        "parameters": 1,
        "golden": {"tolerance": {"float32": 1e-3, "bfloat16": 1e-3}},
        "reference": Reference.measured(images, ColourEngine().predict(images)).as_json(),
        "files": files,
    }
    (folder / CARD).write_text(json.dumps(card))
    return folder
