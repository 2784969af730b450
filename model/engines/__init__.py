"""Engines compute logits from pixels; each is a module of this package with a ``load`` function."""

from importlib import import_module
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.artifact import Artifact

ENGINES: tuple[str, ...] = ("torch",)
PRECISIONS: tuple[str, ...] = ("auto", "float32", "bfloat16")


class Engine(Protocol):
    """A loaded model, to be called from one thread at a time."""

    @property
    def name(self) -> str:
        """One of :data:`ENGINES`."""

    @property
    def precision(self) -> str:
        """Arithmetic of the convolutions: ``float32`` or ``bfloat16``."""

    @property
    def threads(self) -> int:
        """Threads that one call may keep busy."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of RGB images ``[N, 32, 32, 3]``."""


def load(name: str, artifact: Artifact, *, precision: str = "auto", threads: int = 0) -> Engine:
    """Build the engine ``name``; ``threads=0`` follows the CPU quota or affinity of this process.

    Raises ``ValueError`` for a name or precision that doesn't exist. Only the chosen engine's libraries are imported.
    """
    if name not in ENGINES:
        raise ValueError(f"unknown engine {name!r}: choose from {', '.join(ENGINES)}")
    if precision not in PRECISIONS:
        raise ValueError(f"unknown precision {precision!r}: choose from {', '.join(PRECISIONS)}")
    engine: Engine = import_module(f"{__name__}.{name}").load(artifact, precision=precision, threads=threads)
    return engine
