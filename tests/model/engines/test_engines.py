"""Choosing an engine by name."""

import pytest

from model.artifact import Artifact
from model.engines import installed, load


def test_an_unknown_engine_is_refused_with_the_choices(shipped: Artifact) -> None:
    with pytest.raises(ValueError, match="unknown engine 'tpu': choose from torch, onnxruntime"):
        load("tpu", shipped)


@pytest.mark.parametrize(
    ("engine", "precision", "choices"),
    [("torch", "int8", "auto, float32, bfloat16"), ("onnxruntime", "bfloat16", "auto, float32, int8")],
)
def test_a_precision_that_an_engine_does_not_know_is_refused_with_its_choices(
    shipped: Artifact, engine: str, precision: str, choices: str
) -> None:
    with pytest.raises(ValueError, match=f"{engine} does not compute in '{precision}': choose from {choices}"):
        load(engine, shipped, precision=precision)


def test_an_engine_is_installed_when_its_package_is() -> None:
    assert installed("numpy")
    assert not installed("tpu")
