"""Train the network on CIFAR-10 and export the artifact that the service loads: ``python -m model.train --help``.

The recipe, duration and accuracy of the shipped artifact are in ``model/artifacts/card.json``.
"""

import argparse
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch.nn import functional
from torch.optim.swa_utils import AveragedModel, update_bn
from tqdm import tqdm

from model import data, provenance
from model.augment import batches
from model.export import export
from model.network import Network, initialise, normalise
from model.optimiser import Optimiser


@dataclass(frozen=True)
class Recipe:
    """All hyperparameters of a training run.

    The learning rates decay from their peaks to zero over ``epochs``. ``averaging_rounds`` of stochastic weight
    averaging follow (Izmailov et al. 2018, arXiv 1803.05407): in each, the network trains for ``averaged_epochs`` at
    ``averaging_rate`` times the peak rates, and its weights are set to the mean of the weights after every step of all
    rounds so far.
    """

    epochs: int = 48
    averaging_rounds: int = 3
    averaged_epochs: int = 24
    averaging_rate: float = 0.5
    batch_size: int = 500
    filter_rate: float = 0.02
    bias_rate: float = 0.03
    head_rate: float = 0.4
    decay: float = 1e-3
    label_smoothing: float = 0.05
    whitening_epochs: int = 3
    whitening_images: int = 5_000
    validation_per_class: int = 250
    seed: int = 0
    bfloat16: bool = True

    @property
    def total_epochs(self) -> int:
        return self.epochs + self.averaging_rounds * self.averaged_epochs

    def optimiser(self, network: Network) -> Optimiser:
        """An optimiser of the network's parameters with this recipe's rates."""
        return Optimiser(
            network,
            filter_rate=self.filter_rate,
            bias_rate=self.bias_rate,
            head_rate=self.head_rate,
            decay=self.decay,
            whitening_share=self.whitening_epochs / self.epochs,
        )

    def ends_round(self, epoch: int) -> bool:
        """Whether an averaging round ends with this epoch, counted from 0."""
        return epoch >= self.epochs and (epoch + 1 - self.epochs) % self.averaged_epochs == 0


def train(recipe: Recipe, training: data.Split, validation: data.Split, checkpoint: Path) -> dict[str, Any]:
    """Train, saving ``checkpoint`` after each epoch and resuming from it if it exists; return the last state.

    The state contains ``network`` (weights; at the end the averaged ones), ``history`` (one row for each epoch),
    ``seconds``, ``recipe``, and the hashes ``data`` and ``code``. A finished run can continue with more averaging
    rounds. Raises ``ValueError`` if the checkpoint was made with another recipe or other data.
    """
    torch.manual_seed(recipe.seed)
    network = Network()
    initialise(network, normalise(training.images[: recipe.whitening_images]))
    optimiser = recipe.optimiser(network)
    average = AveragedModel(network)
    state: dict[str, Any] = {
        "recipe": asdict(recipe),
        "data": training.sha256(),
        "code": provenance.code_sha256(),
        "history": [],
        "seconds": 0.0,
        "network": network.state_dict(),
    }
    if checkpoint.exists():
        state = _resume(checkpoint, state, network, optimiser, average)
    steps, epochs = len(training) // recipe.batch_size, recipe.total_epochs
    with tqdm(total=epochs * steps, initial=len(state["history"]) * steps, unit="batch", smoothing=0.05) as bar:
        for epoch in range(len(state["history"]), epochs):
            started = time.monotonic()
            loss = _train_epoch(network, optimiser, average, recipe, training, epoch, bar)
            if recipe.ends_round(epoch):
                _settle(network, average, recipe, training, epoch + 1)
            right = accuracy(network, validation)
            state["history"].append({"epoch": epoch + 1, "training_loss": loss, "validation_accuracy": right})
            state["seconds"] += time.monotonic() - started
            state.update(network=network.state_dict(), optimiser=optimiser.state_dict(), average=average.state_dict())
            save(state, checkpoint)
            bar.set_postfix_str(f"loss {loss:.3f}, validation {right:.2%}")
            bar.write(f"epoch {epoch + 1}/{epochs}: loss {loss:.4f}, validation accuracy {right:.2%}")
    return state


def predict(network: torch.nn.Module, images: torch.Tensor, batch_size: int = 500) -> torch.Tensor:
    """Logits ``[N, 10]`` of the training form for uint8 images ``[N, 3, 32, 32]``, in float32."""
    network.eval()
    with torch.inference_mode():
        logits = torch.cat([network(normalise(images[i : i + batch_size])) for i in range(0, len(images), batch_size)])
    network.train()
    return logits


def accuracy(network: torch.nn.Module, split: data.Split) -> float:
    """Accuracy of the training form on the split, 0..1."""
    return (predict(network, split.images).argmax(1) == split.labels).float().mean().item()


def _train_epoch(
    network: Network,
    optimiser: Optimiser,
    average: AveragedModel,
    recipe: Recipe,
    training: data.Split,
    epoch: int,
    bar: "tqdm[Any]",
) -> float:
    total, steps = 0.0, len(training) // recipe.batch_size
    for step, (inputs, targets) in enumerate(batches(training, recipe.batch_size, epoch, recipe.seed)):
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
            features = network.features(inputs)
        loss = functional.cross_entropy(
            network.classify(features), targets, label_smoothing=recipe.label_smoothing, reduction="sum"
        )
        loss.backward()  # type: ignore[no-untyped-call]
        progress = (epoch + step / steps) / recipe.epochs
        optimiser.step(progress, 1 - progress if progress < 1 else recipe.averaging_rate)
        if epoch >= recipe.epochs:
            average.update_parameters(network)
        total += loss.item()
        bar.update()
    return total / (steps * recipe.batch_size)


def _settle(network: Network, average: AveragedModel, recipe: Recipe, training: data.Split, epoch: int) -> None:
    """Copy the mean weights to the network, and compute batch norm statistics for them."""
    with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bfloat16):
        update_bn((inputs for inputs, _ in batches(training, recipe.batch_size, epoch, recipe.seed)), average)
    network.load_state_dict(average.module.state_dict())


def save(state: dict[str, Any], path: Path) -> None:
    """Replace the checkpoint atomically."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    os.replace(partial, path)


def _resume(
    path: Path, fresh: dict[str, Any], network: Network, optimiser: Optimiser, average: AveragedModel
) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, weights_only=True)
    further_rounds = {**state["recipe"], "averaging_rounds": fresh["recipe"]["averaging_rounds"]}
    for part, found in (("recipe", further_rounds), ("data", state["data"])):
        if found != fresh[part]:
            raise ValueError(f"{path} was made with another {part}: use another --run folder, or remove it")
    if len(state["history"]) > Recipe(**further_rounds).total_epochs:
        raise ValueError(f"{path} has been trained for longer: increase --averaging-rounds")
    state["recipe"] = further_rounds
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    average.load_state_dict(state["average"])
    return state


def main() -> None:
    """Command line: load the data, train, export."""
    parser = argparse.ArgumentParser(prog="python -m model.train", description="Train the CIFAR-10 network.")
    parser.add_argument("--data", type=Path, help="folder with train/<class>/* and test/<class>/*; default: download")
    parser.add_argument(
        "--run", type=Path, default=Path("runs/default"), help="checkpoint folder; a run resumes from its checkpoint"
    )
    parser.add_argument("--out", type=Path, default=Path("model/artifacts"), help="folder to write the artifact to")
    parser.add_argument("--epochs", type=int, default=Recipe.epochs, help="epochs before averaging")
    parser.add_argument("--averaging-rounds", type=int, default=Recipe.averaging_rounds, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=Recipe.seed)
    arguments = parser.parse_args()
    recipe = Recipe(epochs=arguments.epochs, averaging_rounds=arguments.averaging_rounds, seed=arguments.seed)
    cifar10 = data.load(arguments.data, download_to=arguments.run)
    training, validation = data.hold_out(cifar10.train, recipe.validation_per_class, recipe.seed)
    state = train(recipe, training, validation, arguments.run / "checkpoint.pt")
    export(state, training, validation, cifar10.test, cifar10.source, arguments.out)


if __name__ == "__main__":
    main()
