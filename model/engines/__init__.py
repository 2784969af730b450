"""Engines compute logits from pixels; each is a module of this package with a ``load`` function."""

from importlib import import_module
from importlib.util import find_spec
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from model.artifact import Artifact

ENGINES: dict[str, tuple[str, ...]] = {"torch": ("float32", "bfloat16"), "onnxruntime": ("float32", "int8")}
"""Each with the arithmetic it knows. An engine is called as the package that it needs is."""

AUTO = "auto"
PRECISIONS: tuple[str, ...] = (AUTO, "float32", "bfloat16", "int8")


class Engine(Protocol):
    """A loaded model, to be called from one thread at a time."""

    @property
    def name(self) -> str:
        """One of :data:`ENGINES`."""

    @property
    def precision(self) -> str:
        """Arithmetic of the convolutions: one of :data:`PRECISIONS`, but not ``auto``."""

    @property
    def threads(self) -> int:
        """Threads that one call may keep busy."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of RGB images ``[N, 32, 32, 3]``."""


def installed(name: str) -> bool:
    """Whether the package that an engine needs is there; it is not imported."""
    return find_spec(name) is not None


def load(name: str, artifact: Artifact, *, precision: str = AUTO, threads: int = 0) -> Engine:
    """Build the engine ``name``; ``threads=0`` follows the CPU quota or affinity of this process.

    Raises ``ValueError`` for a name that doesn't exist or a precision that the engine doesn't know. Only the chosen
    engine's libraries are imported.
    """
    if name not in ENGINES:
        raise ValueError(f"unknown engine {name!r}: choose from {', '.join(ENGINES)}")
    known = (AUTO, *ENGINES[name])
    if precision not in known:
        raise ValueError(f"{name} does not compute in {precision!r}: choose from {', '.join(known)}")
    engine: Engine = import_module(f"{__name__}.{name}").load(artifact, precision=precision, threads=threads)
    return engine
