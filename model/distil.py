"""Distil an ensemble of networks into a trained one: ``python -m model.distil --help``.

The student learns the mean probabilities of the frozen teachers in addition to the labels (Hinton et al. 2015, arXiv
1503.02531). Teachers and student get the same augmented images (Beyer et al. 2021, arXiv 2106.05237).
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
from model.network import Network, channel_statistics
from model.storage import restored

Teacher = Callable[[torch.Tensor], torch.Tensor]
"""Normalised inputs ``[N, 3, 32, 32]`` to logits ``[N, 10]``."""


@dataclass(frozen=True)
class Distillation:
    """The learning rates decay from ``rate`` times the recipe's peaks to zero over ``epochs``.

    ``labels`` is the weight of the labels in the target; the rest is the weight of the teachers.
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
    """Continue from the state that :func:`model.train.train` returns; returns a state of the same form.

    Saves ``checkpoint`` after each epoch and resumes from it if it exists. Raises ``ValueError`` if the checkpoint was
    made with another plan, or the state with other data.
    """
    if state["data"] != training.sha256():
        raise ValueError("the network was trained on other data: give the --data folder that it was trained with")
    recipe = train.Recipe(**state["recipe"])
    first = len(state["history"])
    network = Network()
    network.load_state_dict(state["network"])
    optimiser = recipe.optimiser(network)
    state["recipe"] = {**state["recipe"], "distillation": {**asdict(plan), "code": provenance.code_sha256()}}
    if checkpoint.exists():
        saved = torch.load(checkpoint, weights_only=True)
        if saved["recipe"] != state["recipe"]:
            raise ValueError(f"{checkpoint} was made with another plan: remove it, or use the same plan")
        state = saved
        network.load_state_dict(state["network"])
        optimiser.load_state_dict(state["optimiser"])
    steps = len(training) // recipe.batch_size
    with tqdm(total=plan.epochs * steps, initial=(len(state["history"]) - first) * steps, unit="batch") as bar:
        for epoch in range(len(state["history"]), first + plan.epochs):
            started, total = time.monotonic(), 0.0
            for step, (inputs, targets) in enumerate(batches(training, recipe.batch_size, epoch, recipe.seed)):
                targets = torch.lerp(
                    _mean_probabilities(teachers, inputs, bfloat16=recipe.bfloat16), targets, plan.labels
                )
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
    """A teacher from the weights of a training form."""
    network = Network()
    network.load_state_dict(weights)
    return network.requires_grad_(False).eval()


def from_artifact(artifact: Artifact) -> Teacher:
    """A teacher from an artifact."""
    network = restored(artifact.weights())
    mean, std = channel_statistics()
    return lambda inputs: network(inputs * std + mean)


def _mean_probabilities(teachers: Sequence[Teacher], inputs: torch.Tensor, *, bfloat16: bool) -> torch.Tensor:
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        return torch.stack([teacher(inputs).float().softmax(dim=1) for teacher in teachers]).mean(dim=0)


def main() -> None:
    """Command line: load the run and the data, distil, export."""
    parser = argparse.ArgumentParser(prog="python -m model.distil", description="Distil networks into a trained one.")
    parser.add_argument("--data", type=Path, help="folder with train/<class>/* and test/<class>/*; default: download")
    parser.add_argument(
        "--run",
        type=Path,
        default=Path("runs/default"),
        help="run folder of model.train; its network is also a teacher",
    )
    parser.add_argument(
        "--teacher", type=Path, action="append", default=[], help="artifact folder of a further teacher; repeatable"
    )
    parser.add_argument("--out", type=Path, default=Path("model/artifacts"), help="folder to write the artifact to")
    parser.add_argument("--epochs", type=int, default=Distillation.epochs, help="default: %(default)s")
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
