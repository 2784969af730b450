"""Evaluate the artifact with an inference engine: ``python -m model.evaluate --help``."""

import argparse
import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model import data
from model.artifact import DEFAULT_DIRECTORY, Artifact
from model.calibrate import expected_calibration_error, negative_log_likelihood, softmax
from model.corruptions import Images, corruptions
from model.drift import of_answers
from model.engines import ENGINES, PRECISIONS, Engine, load
from model.labels import CLASSES

BATCH = 250
Z95 = 1.96


@dataclass(frozen=True)
class Evaluation:
    """Shares are 0..1; ``confusion[true class][predicted class]`` counts images; energy: see :mod:`model.drift`."""

    images: int
    accuracy: float
    interval95: tuple[float, float]
    per_class: dict[str, float]
    confusion: list[list[int]]
    calibration_error: float
    negative_log_likelihood: float
    mean_confidence: float
    mean_energy: float


@dataclass(frozen=True)
class Cell:
    """One row of the corruption table."""

    kind: str
    unit: str
    strength: float
    accuracy: float
    mean_confidence: float
    mean_energy: float


def measure(logits: NDArray[np.float32], labels: NDArray[np.int64]) -> Evaluation:
    """All figures for logits ``[N, 10]`` and labels ``[N]``."""
    probabilities = softmax(logits)
    confusion = np.zeros((len(CLASSES), len(CLASSES)), dtype=int)
    np.add.at(confusion, (labels, logits.argmax(axis=1)), 1)
    right = int(confusion.trace())
    of_class = confusion.diagonal() / np.maximum(confusion.sum(axis=1), 1)
    return Evaluation(
        images=len(labels),
        accuracy=right / len(labels),
        interval95=_wilson(right, len(labels)),
        per_class={name: float(share) for name, share in zip(CLASSES, of_class, strict=True)},
        confusion=confusion.tolist(),
        calibration_error=expected_calibration_error(probabilities, labels),
        negative_log_likelihood=negative_log_likelihood(probabilities, labels),
        mean_confidence=float(probabilities.max(axis=1).mean()),
        mean_energy=float(of_answers(logits)["energy"].mean(dtype=np.float64)),
    )


def measure_corruptions(engine: Engine, images: Images, labels: NDArray[np.int64]) -> Iterator[Cell]:
    """One row for each of :func:`model.corruptions.corruptions`."""
    for corruption in tqdm(list(corruptions()), desc="corruptions", leave=False):
        found = measure(predict(engine, corruption.apply(images)), labels)
        yield Cell(
            corruption.kind,
            corruption.unit,
            corruption.strength,
            found.accuracy,
            found.mean_confidence,
            found.mean_energy,
        )


def predict(engine: Engine, images: Images) -> NDArray[np.float32]:
    """Logits ``[N, 10]`` of images ``[N, 32, 32, 3]``, computed in batches."""
    return np.concatenate([engine.predict(images[i : i + BATCH]) for i in range(0, len(images), BATCH)])


def pixels(split: data.Split) -> Images:
    """The images of a split as the input of an engine: ``[N, 32, 32, 3]``."""
    return np.ascontiguousarray(split.images.permute(0, 2, 3, 1).numpy())


def table(found: Evaluation, cells: list[Cell]) -> str:
    """The figures as a text table."""
    low, high = found.interval95
    lines = [
        f"images                    {found.images}",
        f"accuracy                  {found.accuracy:.2%}  (95 % interval {low:.2%} to {high:.2%})",
        f"calibration error (ECE)   {found.calibration_error:.2%}",
        f"negative log likelihood   {found.negative_log_likelihood:.4f}",
        f"mean confidence           {found.mean_confidence:.2%}",
        "",
        "true class      right  " + " ".join(f"{name[:6]:>6}" for name in CLASSES),
    ]
    for name, row in zip(CLASSES, found.confusion, strict=True):
        lines.append(f"{name:<14} {found.per_class[name]:>6.1%}  " + " ".join(f"{count:>6}" for count in row))
    if cells:
        lines += ["", f"{'corruption':<34} {'accuracy':>8} {'confidence':>10} {'energy':>7}"]
    for cell in cells:
        name = f"{cell.kind} {cell.strength:g} ({cell.unit})"
        lines.append(f"{name:<34} {cell.accuracy:>8.2%} {cell.mean_confidence:>10.2%} {cell.mean_energy:>7.2f}")
    return "\n".join(lines)


def _wilson(right: int, total: int) -> tuple[float, float]:
    """Wilson score interval (95 %) of a share."""
    share, z2 = right / total, Z95 * Z95 / total
    centre = (share + z2 / 2) / (1 + z2)
    half = Z95 / (1 + z2) * math.sqrt(share * (1 - share) / total + z2 / (4 * total))
    return centre - half, centre + half


def main() -> None:
    """Command line: open the artifact, load the data, print the figures."""
    parser = argparse.ArgumentParser(prog="python -m model.evaluate", description="Evaluate a model artifact.")
    parser.add_argument("--data", type=Path, help="folder with train/<class>/* and test/<class>/*; default: download")
    parser.add_argument("--artifact", type=Path, default=DEFAULT_DIRECTORY, help="artifact folder")
    parser.add_argument("--engine", choices=ENGINES, default="torch")
    parser.add_argument("--precision", choices=PRECISIONS, default="auto")
    parser.add_argument("--threads", type=int, default=0, help="0: chosen from the CPU quota and affinity")
    parser.add_argument("--split", choices=("test", "validation"), default="test")
    parser.add_argument("--no-corruptions", action="store_true", help="skip the corrupted images")
    arguments = parser.parse_args()
    artifact = Artifact.open(arguments.artifact)
    engine = load(arguments.engine, artifact, precision=arguments.precision, threads=arguments.threads)
    cifar10 = data.load(arguments.data, download_to=Path("runs/default"))
    split = cifar10.test
    if arguments.split == "validation":
        recipe = artifact.card.raw["training"]["recipe"]
        _, split = data.hold_out(cifar10.train, recipe["validation_per_class"], recipe["seed"])
    images, labels = pixels(split), split.labels.numpy()
    cells = [] if arguments.no_corruptions else list(measure_corruptions(engine, images, labels))
    print(f"{artifact.card.name} {artifact.card.version}, {engine.name} {engine.precision}, {arguments.split} split")
    print(table(measure(predict(engine, images), labels), cells))


if __name__ == "__main__":
    main()
