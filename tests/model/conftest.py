"""Small stand-ins for the model and its artifact; torch is imported by the fixtures that need it."""

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray
from safetensors.numpy import save

from model.artifact import CARD, GOLDEN, WEIGHTS, Artifact
from model.features import FEATURES
from model.labels import CLASSES

if TYPE_CHECKING:
    from model.data import Split
    from model.network import Network

WriteArtifact = Callable[..., Path]


@pytest.fixture(autouse=True)
def one_thread(request: pytest.FixtureRequest) -> None:
    """Tiny batches gain nothing from a second thread, and lose much on a busy machine."""
    if request.node.get_closest_marker("torch"):
        import torch

        torch.set_num_threads(1)


@pytest.fixture(scope="session")
def shipped() -> Artifact:
    """The artifact in this repository."""
    return Artifact.open()


@pytest.fixture
def images() -> NDArray[np.uint8]:
    """Sixteen pictures of noise."""
    return np.random.default_rng(7).integers(0, 256, (16, 32, 32, 3), dtype=np.uint8)


@pytest.fixture
def write_artifact(tmp_path: Path) -> WriteArtifact:
    """Write a folder with a tiny artifact; keyword arguments replace parts of its card."""

    def write(**changes: Any) -> Path:
        contents = {
            WEIGHTS: save({"head.bias": np.arange(10, dtype=np.float16)}),
            GOLDEN: save(
                {
                    "images": np.full((2, 32, 32, 3), 9, np.uint8),
                    "labels": np.array([3, 4]),
                    "logits": np.eye(10, dtype=np.float32)[3:5],
                }
            ),
        }
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
            (tmp_path / name).write_bytes(content)
        (tmp_path / CARD).write_text(json.dumps(card))
        return tmp_path

    return write


@pytest.fixture(scope="session")
def network() -> "Network":
    """An untrained network whose norms have seen something: random statistics and biases."""
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
    """Ten noisy pictures of each class, each class in a colour of its own."""
    import torch

    from model.data import Split

    generator = torch.Generator().manual_seed(2)
    colours = torch.randint(40, 215, (10, 3, 1, 1), generator=generator)
    noise = torch.randint(-40, 41, (100, 3, 32, 32), generator=generator)
    return Split((colours.repeat_interleave(10, 0) + noise).to(torch.uint8), torch.arange(10).repeat_interleave(10))
