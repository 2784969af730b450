"""Exporting a training state: the artifact opens, serves, and its card is correct."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from model.artifact import Artifact
from model.engines import cpu, load
from model.engines.golden import check

if TYPE_CHECKING:
    from model.data import Split

pytestmark = [pytest.mark.torch, pytest.mark.usefixtures("narrow_networks")]


@pytest.fixture(scope="module")
def state(narrow_networks: None, split: "Split") -> dict[str, Any]:
    """A training state without training: norm statistics of one batch, and a head from ridge regression."""
    import torch

    from model.network import Network, initialise, normalise

    torch.manual_seed(1)
    inputs = normalise(split.images)
    network = Network()
    initialise(network, inputs)
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.momentum = 1.0
    with torch.no_grad():
        network(inputs)
        features = network.eval().features(inputs)
    scatter = features.T @ features
    ridge = 1e-4 * scatter.trace() * torch.eye(len(scatter))
    wanted = 3 * torch.nn.functional.one_hot(split.labels, 10).float()
    network.head.weight.data = torch.linalg.solve(scatter + ridge, features.T @ wanted).T / network.logit_scale
    history = [{"epoch": 1, "training_loss": 0.5, "validation_accuracy": 1.0}]
    return {"network": network.state_dict(), "history": history, "recipe": {}, "seconds": 1.0, "code": "c", "data": "d"}


@pytest.fixture(scope="module")
def validation(split: "Split") -> "Split":
    """A tenth of the labels is wrong: without errors there is no best temperature."""
    from model.data import Split

    labels = split.labels.clone()
    labels[::10] = (labels[::10] + 1) % 10
    return Split(split.images, labels)


@pytest.fixture(scope="module")
def out(state: dict[str, Any], split: "Split", validation: "Split", tmp_path_factory: pytest.TempPathFactory) -> Path:
    from model.data import Split
    from model.export import export

    folder = tmp_path_factory.mktemp("export") / "artifacts"
    test = Split(split.images[::5].contiguous(), split.labels[::5])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cpu, "default_threads", lambda: 1)
        export(state, split, validation, test, "a test", folder, version="9.9.9")
    return folder


def test_the_artifact_opens_and_serves(out: Path) -> None:
    artifact = Artifact.open(out)
    assert (artifact.card.version, artifact.card.accuracy) == ("9.9.9", 1.0)
    for precision in ("float32", "bfloat16"):
        engine = load("torch", artifact, precision=precision, threads=1)
        assert check(engine, artifact.golden(), artifact.card.tolerances[precision]).passed


def test_the_served_logits_are_the_trained_networks_over_the_temperature(
    out: Path, state: dict[str, Any], split: "Split"
) -> None:
    from model.evaluate import pixels
    from model.network import Network
    from model.train import predict

    artifact = Artifact.open(out)
    network = Network()
    network.load_state_dict(state["network"])
    expected = predict(network, split.images[:10]).numpy() / artifact.card.raw["calibration"]["temperature"]
    found = load("torch", artifact, precision="float32", threads=1).predict(pixels(split)[:10])
    np.testing.assert_allclose(found, expected, atol=0.05)


def test_the_card_contains_the_figures_and_the_data(out: Path, validation: "Split") -> None:
    card = json.loads((out / "card.json").read_text())
    assert card["evaluation"]["images"] == 20
    assert len(card["evaluation"]["corruptions"]) == 18
    assert card["calibration"]["split"] == "validation"
    assert card["calibration"]["after"]["calibration_error"] < card["calibration"]["before"]["calibration_error"]
    assert card["storage"]["largest_logit_change"] < 0.05
    assert card["data"]["validation"] == {"images": 100, "sha256": validation.sha256()}
    assert card["data"]["note"] == ""
    assert set(card["golden"]["tolerance"]) == {"float32", "bfloat16"}
    assert {name: (out / name).stat().st_size for name in card["files"]} == {
        name: entry["bytes"] for name, entry in card["files"].items()
    }


def test_jpeg_compressed_images_are_noted(split: "Split") -> None:
    from model.corruptions import jpeg
    from model.evaluate import pixels
    from model.export import _note

    once = jpeg(pixels(split)[:20], quality=75)
    assert _note(jpeg(once, quality=75)).startswith("JPEG of quality 75")
    assert _note(pixels(split)) == ""
