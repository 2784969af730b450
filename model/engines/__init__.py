"""Inference engines: they compute logits from pixels. Each is a module of this package with a ``load`` function."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from model.artifact import Artifact

ENGINES: dict[str, tuple[str, ...]] = {"torch": ("float32", "bfloat16"), "onnxruntime": ("float32", "int8")}
"""Engines, by the name of the package that each needs, and the precisions that each supports."""

AUTO = "auto"
PRECISIONS: tuple[str, ...] = (AUTO, "float32", "bfloat16", "int8")


class Engine(Protocol):
    """A loaded model. Call it from one thread at a time."""

    @property
    def name(self) -> str:
        """One of :data:`ENGINES`."""

    @property
    def precision(self) -> str:
        """Number format of the convolutions: one of :data:`PRECISIONS`, but not ``auto``."""

    @property
    def threads(self) -> int:
        """Number of threads that one call uses."""

    def predict(self, images: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Logits ``[N, 10]`` of RGB images ``[N, 32, 32, 3]``."""


def installed(name: str) -> bool:
    """Whether the package of this name is installed; it is not imported."""
    return find_spec(name) is not None


def load(name: str, artifact: Artifact, *, precision: str = AUTO, threads: int = 0) -> Engine:
    """Load the engine ``name``; with ``threads=0`` the CPU quota and affinity of this process decide.

    Raises ``ValueError`` for an unknown engine or a precision that the engine does not support. Imports only the
    libraries of the chosen engine.
    """
    if name not in ENGINES:
        raise ValueError(f"unknown engine {name!r}: choose from {', '.join(ENGINES)}")
    known = (AUTO, *ENGINES[name])
    if precision not in known:
        raise ValueError(f"{name} does not compute in {precision!r}: choose from {', '.join(known)}")
    engine: Engine = import_module(f"{__name__}.{name}").load(artifact, precision=precision, threads=threads)
    return engine


def require_images(images: NDArray[Any], size: int) -> None:
    """Raise ``ValueError`` unless ``images`` are uint8 RGB images ``[N, size, size, 3]``."""
    if images.ndim != 4 or images.shape[1:] != (size, size, 3) or images.dtype != np.uint8:
        raise ValueError(f"expected uint8 images [N, {size}, {size}, 3], got {images.dtype} {list(images.shape)}")
