"""Graphs for ONNX Runtime, of an untrained network."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from model.artifact import CARD, Artifact
from model.engines import load
from model.engines.onnxruntime import GRAPHS

if TYPE_CHECKING:
    from model.data import Split

pytestmark = pytest.mark.torch


@pytest.fixture(scope="module")
def before(artifact: Path) -> Artifact:
    """The artifact without graphs."""
    return Artifact.open(artifact)


@pytest.fixture(scope="module")
def after(before: Artifact, split: "Split") -> Artifact:
    """The artifact with graphs."""
    from model.quantise import extend

    extend(before.directory, split, split, split)
    return Artifact.open(before.directory)


def test_the_graphs_give_the_logits_of_the_torch_engine(after: Artifact, split: "Split") -> None:
    from model.evaluate import pixels

    expected = load("torch", after, precision="float32", threads=1).predict(pixels(split))
    exact = load("onnxruntime", after, precision="float32", threads=1).predict(pixels(split))
    np.testing.assert_allclose(exact, expected, atol=1e-3 * np.abs(expected).max())
    rounded = load("onnxruntime", after, precision="int8", threads=1).predict(pixels(split))
    assert 0 < np.abs(rounded - expected).max() <= after.card.tolerances["int8"]


def test_the_artifact_keeps_its_weights_and_gets_two_graphs(before: Artifact, after: Artifact) -> None:
    assert after.card.sha256 == before.card.sha256
    assert set(after.card.files) == {*before.card.files, *GRAPHS.values()}


def test_the_card_contains_the_evaluation_of_each_graph(after: Artifact, split: "Split") -> None:
    written: dict[str, Any] = json.loads((after.directory / CARD).read_text())
    assert set(written["evaluation"]["other_engines"]) == {"onnxruntime float32", "onnxruntime int8"}
    assert written["evaluation"]["other_engines"]["onnxruntime float32"]["agreement_with_float32"] == 1
    assert written["quantisation"]["calibration_images"] == len(split)


def test_the_float32_graph_contains_no_weights(after: Artifact) -> None:
    weights = sum(tensor.nbytes for tensor in after.weights().values())
    assert len(after.content(GRAPHS["float32"])) < 10_000 < weights
