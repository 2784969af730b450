"""Teach a trained network what several networks know together: ``python -m model.distil --help``.

The teachers, frozen, see the very images that the student sees, mixed and in another light as they are, and the student
learns their mean probabilities beside the labels (Hinton et al. 2015, arXiv 1503.02531; one view for both: Beyer et al.
2021, arXiv 2106.05237). Several networks err less than one, and part of that can be taught to one of them.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from tqdm import tqdm

from model import data, provenance, train
from model.artifact import Artifact
from model.augment import batches
from model.export import export
from model.network import Network
from model.preprocess import channel_statistics
from model.storage import restored

Teacher = Callable[[torch.Tensor], torch.Tensor]
"""Normalised inputs ``[N, 3, 32, 32]`` to logits ``[N, 10]``."""


@dataclass(frozen=True)
class Distillation:
    """The learning rates fall from ``rate`` of the recipe's peaks to zero over ``epochs``.

    ``labels`` is the share of the labels in what the student is to answer; the rest is the teachers'.
    """

    epochs: int = 16
    rate: float = 0.4
    labels: float = 0.3


def distil(
    state: dict[str, Any],
    plan: Distillation,
    teachers: Sequence[Teacher],
    training: data.Split,
    validation: data.Split,
    checkpoint: Path,
) -> dict[str, Any]:
    """Go on from the state that :func:`model.train.train` returns, and return one of the same shape.

    Saves after each epoch, and goes on from ``checkpoint`` where that exists. Raises ``ValueError`` when that was made
    with another plan, or the state with other data.
    """
    if state["data"] != training.sha256():
        raise ValueError("the network was trained on other data than it is to be taught with")
    recipe = train.Recipe(**state["recipe"])
    first = len(state["history"])
    network = Network()
    network.load_state_dict(state["network"])
    optimiser = recipe.optimiser(network)
    state["recipe"] = {**state["recipe"], "distillation": {**asdict(plan), "code": provenance.code_sha256()}}
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if saved["recipe"] != state["recipe"]:
            raise ValueError(f"{checkpoint} was made with another plan: remove it, or give the same one")
        state = saved
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
    steps = len(training) // recipe.batch_size
    with tqdm(total=plan.epochs * steps, initial=(len(state["history"]) - first) * steps, unit="batch") as bar:
        for epoch in range(len(state["history"]), first + plan.epochs):
            started, total = time.monotonic(), 0.0
            for step, (inputs, targets) in enumerate(batches(training, recipe.batch_size, epoch, recipe.seed)):
                targets = torch.lerp(_taught(teachers, inputs, bfloat16=recipe.bfloat16), targets, plan.labels)
                with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
                    features = network.features(inputs)
                loss = functional.cross_entropy(network.classify(features), targets, reduction="sum")
                loss.backward()  # type: ignore[no-untyped-call]
                done = (epoch - first + step / steps) / plan.epochs
                optimiser.step(1.0, plan.rate * (1 - done))
                total += loss.item()
                bar.update()
            right = train.accuracy(network, validation)
            row = {"training_loss": total / (steps * recipe.batch_size), "validation_accuracy": right}
            state["history"].append({"epoch": epoch + 1, **row})
            state["seconds"] += time.monotonic() - started
            state.update(network=network.state_dict(), optimiser=optimiser.state_dict())
            train.save(state, checkpoint)
            bar.write(f"epoch {epoch + 1}/{first + plan.epochs}: validation accuracy {right:.2%}")
    return state


def from_state(weights: dict[str, torch.Tensor]) -> Teacher:
    """A teacher with the weights of a network that trains."""
    network = Network()
    network.load_state_dict(weights)
    return network.requires_grad_(False).eval()


def from_artifact(artifact: Artifact) -> Teacher:
    """A teacher that has shipped."""
    network = restored(artifact.weights())
    mean, std = channel_statistics()
    return lambda inputs: network(inputs * std + mean)


def _taught(teachers: Sequence[Teacher], inputs: torch.Tensor, *, bfloat16: bool) -> torch.Tensor:
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        return torch.stack([teacher(inputs).float().softmax(dim=1) for teacher in teachers]).mean(dim=0)


def main() -> None:
    """Command line: load the run and the data, teach, export."""
    parser = argparse.ArgumentParser(prog="python -m model.distil", description="Teach a trained network.")
    parser.add_argument("--data", type=Path, help="folder with train/<class>/* and test/<class>/*; else download")
    parser.add_argument("--run", type=Path, default=Path("runs/default"), help="of model.train; the first teacher, too")
    parser.add_argument("--teacher", type=Path, action="append", default=[], help="folder of an artifact; repeatable")
    parser.add_argument("--out", type=Path, default=Path("model/artifacts"), help="where the artifact is written")
    parser.add_argument("--epochs", type=int, default=Distillation.epochs)
    arguments = parser.parse_args()
    state = torch.load(arguments.run / "checkpoint.pt", weights_only=True)
    recipe = train.Recipe(**state["recipe"])
    artifacts = [Artifact.open(folder) for folder in arguments.teacher]
    teachers = [from_state(state["network"]), *map(from_artifact, artifacts)]
    state["teachers"] = ["the network itself, as trained", *(f"{a.card.name} {a.card.version}" for a in artifacts)]
    cifar10 = data.load(arguments.data, download_to=arguments.run)
    training, validation = data.hold_out(cifar10.train, recipe.validation_per_class, recipe.seed)
    plan = Distillation(epochs=arguments.epochs)
    state = distil(state, plan, teachers, training, validation, arguments.run / "distilled.pt")
    export(state, training, validation, cifar10.test, cifar10.source, arguments.out)


if __name__ == "__main__":
    main()
