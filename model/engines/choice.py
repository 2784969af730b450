"""Which arithmetic an engine computes in, where that is left to it."""

from collections.abc import Callable
from typing import TypeVar

from model.artifact import Artifact
from model.engines import AUTO, Engine
from model.engines.golden import check

E = TypeVar("E", bound=Engine)


def built(build: Callable[[str], E], artifact: Artifact, precision: str, *, fast: str, supported: bool) -> E:
    """The engine that ``build`` makes of a precision.

    ``auto`` takes the ``fast`` one where the CPU supports it and the golden images agree, else float32.
    """
    if precision != AUTO:
        return build(precision)
    if supported:
        engine = build(fast)
        if check(engine, artifact.golden(), artifact.card.tolerances[fast]).passed:
            return engine
    return build("float32")
