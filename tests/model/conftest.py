"""Small networks, images and artifacts. Only the fixtures that need torch import it."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save

from model.artifact import CARD, GOLDEN, WEIGHTS, Artifact
from model.drift import FEATURES
from model.labels import CLASSES

if TYPE_CHECKING:
    from model.data import Split
    from model.network import Network
    from model.train import Recipe

WriteArtifact = Callable[..., Path]


@pytest.fixture(autouse=True)
def one_thread(request: pytest.FixtureRequest) -> None:
    """Small batches do not benefit from a second thread."""
    if request.node.get_closest_marker("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shipped() -> Artifact:
    """The artifact in this repository."""
    return Artifact.open()


@pytest.fixture
def images() -> NDArray[np.uint8]:
    """Sixteen images of noise."""
    return np.random.default_rng(7).integers(0, 256, (16, 32, 32, 3), dtype=np.uint8)


@pytest.fixture
def write_artifact(tmp_path: Path) -> WriteArtifact:
    """Writes a folder with a tiny artifact; keyword arguments replace fields of its card."""
    return lambda **changes: _write(tmp_path, {"head.bias": np.arange(10, dtype=np.float16)}, **changes)


def _write(folder: Path, weights: dict[str, NDArray[Any]], **changes: Any) -> Path:
    golden = {
        "images": np.full((2, 32, 32, 3), 9, np.uint8),
        "labels": np.array([3, 4]),
        "logits": np.eye(10, dtype=np.float32)[3:5],
    }
    contents = {WEIGHTS: save(weights), GOLDEN: save(golden)}
    card = {
        "name": "tiny",
        "version": "0.0.1",
        "classes": ["cat", "dog"],
        "input": {"size": 32},
        "evaluation": {"accuracy": 0.5},
        "parameters": 10,
        "golden": {"tolerance": {"float32": 0.001}},
        "reference": {
            "features": {name: {"edges": [1, 2, 3, 4], "ratios": [0.2] * 5} for name in FEATURES},
            "classes": dict.fromkeys(CLASSES, 0.1),
        },
        "files": {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in contents.items()},
        **changes,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    (folder / CARD).write_text(json.dumps(card))
    return folder


@pytest.fixture(scope="session")
def network() -> "Network":
    """An untrained network with random norm statistics and biases."""
    return _untrained()


def _untrained() -> "Network":
    import torch

    from model.network import Network

    torch.manual_seed(1)
    network = Network()
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            assert module.running_mean is not None
            assert module.running_var is not None
            module.running_mean.normal_(0, 0.3)
            module.running_var.uniform_(0.2, 2)
            torch.nn.init.normal_(module.bias, 0, 0.3)
    return network.requires_grad_(False).eval()


@pytest.fixture(scope="session")
def split() -> "Split":
    """Ten noisy images of each class; each class has its own colour."""
    import torch

    from model.data import Split

    generator = torch.Generator().manual_seed(2)
    colours = torch.randint(40, 215, (10, 3, 1, 1), generator=generator)
    noise = torch.randint(-40, 41, (100, 3, 32, 32), generator=generator)
    return Split((colours.repeat_interleave(10, 0) + noise).to(torch.uint8), torch.arange(10).repeat_interleave(10))


@pytest.fixture(scope="session")
def parts(split: "Split") -> "tuple[Split, Split]":
    """The images as 50 for training and 50 for validation."""
    from model.data import hold_out

    return hold_out(split, per_class=5, seed=0)


@pytest.fixture(scope="module")
def narrow_networks() -> Iterator[None]:
    """Networks have few channels, so that they train in a fraction of a second."""
    import torch

    from model import network

    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network, "WIDTHS", (24, 32, 96))
        yield


@pytest.fixture(scope="module")
def artifact(narrow_networks: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a narrow, untrained network's artifact, without graphs."""
    from model.fold import fold
    from model.storage import stored

    return _write(tmp_path_factory.mktemp("artifact"), stored(fold(_untrained(), temperature=1.0)))


@pytest.fixture
def recipe() -> "Recipe":
    """A recipe that takes four epochs of two batches."""
    from model.train import Recipe

    return Recipe(
        epochs=2,
        averaging_rounds=2,
        averaged_epochs=1,
        batch_size=25,
        whitening_images=50,
        whitening_epochs=1,
        validation_per_class=5,
        bfloat16=False,
    )
