"""Choosing an engine by name."""

import pytest

from model.artifact import Artifact
from model.engines import load


def test_an_unknown_engine_is_refused_with_the_choices(shipped: Artifact) -> None:
    with pytest.raises(ValueError, match="unknown engine 'tpu': choose from torch"):
        load("tpu", shipped)


def test_an_unknown_precision_is_refused_with_the_choices(shipped: Artifact) -> None:
    with pytest.raises(ValueError, match="unknown precision 'int4': choose from auto, float32, bfloat16"):
        load("torch", shipped, precision="int4")
