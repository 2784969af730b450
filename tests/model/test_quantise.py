"""Graphs for ONNX Runtime, of an untrained network."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from model.artifact import CARD, Artifact
from model.engines import load
from model.engines.onnxruntime import GRAPHS
from tests.model.conftest import WriteArtifact

if TYPE_CHECKING:
    from model.data import Split
    from model.network import Network

pytestmark = pytest.mark.torch


@pytest.fixture
def exported(network: "Network", write_artifact: WriteArtifact) -> Path:
    """An artifact of the network, without graphs; its golden images are of no use."""
    from safetensors.numpy import save

    from model import card
    from model.artifact import WEIGHTS
    from model.fold import fold
    from model.storage import stored

    folder = write_artifact(evaluation={"accuracy": 0.5})
    weights = stored(fold(network, temperature=1.0))
    (folder / WEIGHTS).write_bytes(content := save(weights))
    written = json.loads((folder / CARD).read_text())
    written["files"].update(card.files({WEIGHTS: content}))
    card.write(written, folder / CARD)
    return folder


def test_the_artifact_gets_graphs_that_answer_as_its_weights_do(exported: Path, split: "Split") -> None:
    from model.evaluate import pixels
    from model.quantise import extend

    before = Artifact.open(exported)
    extend(exported, split, split, split)
    after = Artifact.open(exported)
    assert after.card.sha256 == before.card.sha256
    assert set(after.card.files) == {*before.card.files, *GRAPHS.values()}
    expected = load("torch", after, precision="float32", threads=1).predict(pixels(split))
    exact = load("onnxruntime", after, precision="float32", threads=1).predict(pixels(split))
    np.testing.assert_allclose(exact, expected, atol=1e-3 * np.abs(expected).max())
    rounded = load("onnxruntime", after, precision="int8", threads=1).predict(pixels(split))
    assert 0 < np.abs(rounded - expected).max() <= after.card.tolerances["int8"]


def test_the_card_says_how_well_each_graph_answers(exported: Path, split: "Split") -> None:
    from model.quantise import extend

    extend(exported, split, split, split)
    written = json.loads((exported / CARD).read_text())
    assert set(written["evaluation"]["other_engines"]) == {"onnxruntime float32", "onnxruntime int8"}
    assert written["evaluation"]["other_engines"]["onnxruntime float32"]["agreement_with_float32"] == 1
    assert written["quantisation"]["calibration_images"] == len(split)


def test_the_graph_of_float32_has_no_copy_of_the_weights(exported: Path, split: "Split") -> None:
    from model.quantise import extend

    extend(exported, split, split, split)
    assert (exported / GRAPHS["float32"]).stat().st_size < 10_000
