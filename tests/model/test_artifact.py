"""Opening an artifact: its contents are verified, and a damaged or missing file is named."""

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from model.artifact import CARD, DEFAULT_DIRECTORY, GOLDEN, WEIGHTS, Artifact, ArtifactError

WriteArtifact = Callable[..., Path]


def test_the_default_folder_is_the_one_in_the_repository() -> None:
    assert (DEFAULT_DIRECTORY / CARD).is_file()


def test_an_artifact_has_a_card_weights_and_golden_images(write_artifact: WriteArtifact) -> None:
    artifact = Artifact.open(write_artifact())
    card = artifact.card
    assert (card.name, card.version, card.classes, card.size) == ("tiny", "0.0.1", ("cat", "dog"), 32)
    assert (card.accuracy, card.parameters, card.tolerances) == (0.5, 10, {"float32": 0.001})
    assert card.sha256 == card.raw["files"][WEIGHTS]["sha256"]
    np.testing.assert_array_equal(artifact.weights()["head.bias"], np.arange(10))
    golden = artifact.golden()
    assert len(golden) == 2
    assert [str(part.dtype) for part in (golden.images, golden.labels, golden.logits)] == ["uint8", "int64", "float32"]


def test_a_model_that_was_not_evaluated_has_no_accuracy(write_artifact: WriteArtifact) -> None:
    assert Artifact.open(write_artifact(evaluation=None)).card.accuracy is None


@pytest.mark.parametrize("name", [WEIGHTS, GOLDEN])
@pytest.mark.parametrize("position", [0, -1])
def test_a_flipped_bit_is_an_error_with_the_file_and_both_hashes(
    write_artifact: WriteArtifact, name: str, position: int
) -> None:
    path = write_artifact() / name
    content = bytearray(path.read_bytes())
    good = hashlib.sha256(content).hexdigest()[:12]
    content[position] ^= 1
    path.write_bytes(content)
    bad = hashlib.sha256(content).hexdigest()[:12]
    with pytest.raises(ArtifactError, match=f"{path} is damaged: its sha256 is {bad}…, the card says {good}…"):
        Artifact.open(path.parent)


@pytest.mark.parametrize("name", [CARD, WEIGHTS, GOLDEN])
def test_a_missing_file_is_named(write_artifact: WriteArtifact, name: str) -> None:
    path = write_artifact() / name
    path.unlink()
    with pytest.raises(ArtifactError, match=f"{path} can't be read: No such file"):
        Artifact.open(path.parent)


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"name": "x"}', '{"files": []}', "\x00"])
def test_a_malformed_card_is_named(write_artifact: WriteArtifact, text: str) -> None:
    path = write_artifact() / CARD
    path.write_text(text)
    with pytest.raises(ArtifactError, match=f"{path} is not a model card"):
        Artifact.open(path.parent)


@pytest.mark.parametrize("part", ["name", "version", "classes", "input", "parameters", "golden", "files", "evaluation"])
def test_a_missing_field_of_the_card_is_named(write_artifact: WriteArtifact, part: str) -> None:
    path = write_artifact() / CARD
    card = json.loads(path.read_text())
    del card[part]
    path.write_text(json.dumps(card))
    with pytest.raises(ArtifactError, match=part):
        Artifact.open(path.parent)


def test_a_file_that_is_not_safetensors_is_named_even_if_its_hash_matches(write_artifact: WriteArtifact) -> None:
    files = {WEIGHTS: {"sha256": hashlib.sha256(b"junk").hexdigest()}}
    path = write_artifact(files=files) / WEIGHTS
    path.write_bytes(b"junk")
    artifact = Artifact.open(path.parent)
    with pytest.raises(ArtifactError, match=f"{path} is not a safetensors file"):
        artifact.weights()
    with pytest.raises(ArtifactError, match=f"does not name {GOLDEN}"):
        artifact.golden()


@pytest.mark.torch
def test_the_torch_engine_needs_neither_torchvision_nor_tqdm() -> None:
    code = (
        "import sys, model.engines, model.artifact\n"
        "sys.modules['torchvision'] = sys.modules['tqdm'] = None\n"
        "model.engines.load('torch', model.artifact.Artifact.open(), threads=1)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
