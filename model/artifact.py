"""The model artifact: a folder with ``card.json`` and the files that the card lists with their hashes.

Reading it needs numpy and safetensors only, so engines without torch can use it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as parse

from model.drift import Reference

DEFAULT_DIRECTORY = Path(__file__).parent / "artifacts"
CARD = "card.json"
WEIGHTS = "weights.safetensors"
GOLDEN = "golden.safetensors"


class ArtifactError(Exception):
    """A file of the artifact is missing, damaged or malformed; the message names it."""


DIGEST_DIGITS = 12


@dataclass(frozen=True)
class Golden:
    """Images ``[N, 32, 32, 3]`` uint8 with their labels ``[N]`` int64 and recorded logits ``[N, 10]`` float32."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int64]
    logits: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True)
class Card:
    """The fields of ``card.json`` that the code uses; ``raw`` is the whole document."""

    name: str
    version: str
    classes: tuple[str, ...]
    size: int
    """Height and width of the input images in pixels."""
    accuracy: float | None
    """Accuracy on the test split, 0..1; ``None`` if the model has not been evaluated."""
    sha256: str
    """Hash of the weights file, which identifies the model."""
    parameters: int
    tolerances: Mapping[str, float]
    """Largest allowed difference from the golden logits, by precision."""
    reference: Reference
    """The reference for drift detection."""
    files: Mapping[str, str]
    """File name to sha256."""
    raw: Mapping[str, Any]

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> Self:
        """Raises ``KeyError``, ``TypeError`` or ``ValueError`` if a field is missing or malformed."""
        files = {name: str(entry["sha256"]) for name, entry in raw["files"].items()}
        test = raw["evaluation"]
        return cls(
            name=str(raw["name"]),
            version=str(raw["version"]),
            classes=tuple(raw["classes"]),
            size=int(raw["input"]["size"]),
            accuracy=None if test is None else float(test["accuracy"]),
            sha256=files[WEIGHTS],
            parameters=int(raw["parameters"]),
            tolerances={name: float(value) for name, value in raw["golden"]["tolerance"].items()},
            reference=Reference.parse(raw["reference"]),
            files=files,
            raw=raw,
        )

    @property
    def digest(self) -> str:
        """The first digits of :attr:`sha256`, which name the model in metrics, log lines and prediction ids."""
        return self.sha256[:DIGEST_DIGITS]


class Artifact:
    """The verified contents of an artifact folder; create it with :meth:`open`."""

    def __init__(self, directory: Path, card: Card, contents: Mapping[str, bytes]) -> None:
        self.directory = directory
        self.card = card
        self._contents = contents

    @classmethod
    def open(cls, directory: Path | str = DEFAULT_DIRECTORY) -> Self:
        """Read the card and all files it lists; raises :class:`ArtifactError` if a hash does not match."""
        directory = Path(directory)
        path = directory / CARD
        try:
            card = Card.parse(json.loads(_read(path)))
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ArtifactError(f"{path} is not a model card: {type(error).__name__}: {error}") from error
        contents = {name: _verified(directory / name, expected) for name, expected in card.files.items()}
        return cls(directory, card, contents)

    def weights(self) -> dict[str, NDArray[Any]]:
        """The state dictionary of the folded network: tensors in float32 or float16 by name."""
        return self._tensors(WEIGHTS)

    def content(self, name: str) -> bytes:
        """The verified content of a file that the card lists."""
        if name not in self._contents:
            raise ArtifactError(f"{self.directory / CARD} does not name {name}")
        return self._contents[name]

    def golden(self) -> Golden:
        """The golden images."""
        tensors = self._tensors(GOLDEN)
        try:
            return Golden(tensors["images"], tensors["labels"], tensors["logits"])
        except KeyError as error:
            raise ArtifactError(f"{self.directory / GOLDEN} has no tensor {error}") from error

    def _tensors(self, name: str) -> dict[str, NDArray[Any]]:
        content = self.content(name)
        try:
            return parse(content)
        except Exception as error:  # safetensors raises its own type, which is not a ValueError
            raise ArtifactError(f"{self.directory / name} is not a safetensors file: {error}") from error


def _verified(path: Path, expected: str) -> bytes:
    content = _read(path)
    found = hashlib.sha256(content).hexdigest()
    if found != expected:
        raise ArtifactError(f"{path} is damaged: its sha256 is {found[:12]}…, the card says {expected[:12]}…")
    return content


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ArtifactError(f"{path} can't be read: {error.strerror or error}") from error
