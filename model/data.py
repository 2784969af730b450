"""Loads CIFAR-10 from a folder of images or with torchvision, and splits off validation images."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from tqdm import tqdm

from model.labels import CLASSES
from model.network import SIZE


@dataclass(frozen=True)
class Split:
    """Images ``[N, 3, 32, 32]`` uint8 and their labels ``[N]`` int64."""

    images: torch.Tensor
    labels: torch.Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def sha256(self) -> str:
        """Hash of pixels and labels, which identifies the data in the model card."""
        digest = hashlib.sha256(self.images.contiguous().numpy().tobytes())
        digest.update(self.labels.numpy().tobytes())
        return digest.hexdigest()


@dataclass(frozen=True)
class Cifar10:
    """The two official splits and a description of their source."""

    train: Split
    test: Split
    source: str


def load(folder: Path | None, download_to: Path) -> Cifar10:
    """Read ``folder/{train,test}/<class>/*``, or download CIFAR-10 with torchvision if ``folder`` is ``None``.

    Raises ``ValueError`` if the folder lacks a class or an image is not 32x32.
    """
    if folder is None:
        return _from_torchvision(download_to)
    return Cifar10(_from_folder(folder / "train"), _from_folder(folder / "test"), "image folder")


def hold_out(split: Split, per_class: int, seed: int) -> tuple[Split, Split]:
    """Split off ``per_class`` images of each class for validation; returns (training, validation). Deterministic."""
    generator = torch.Generator().manual_seed(seed)
    held = torch.zeros(len(split), dtype=torch.bool)
    for label in range(len(CLASSES)):
        members = (split.labels == label).nonzero().flatten()
        held[members[torch.randperm(len(members), generator=generator)[:per_class]]] = True
    return (
        Split(split.images[~held], split.labels[~held]),
        Split(split.images[held], split.labels[held]),
    )


def _from_folder(folder: Path) -> Split:
    images, labels = [], []
    for label, name in enumerate(CLASSES):
        files = sorted((folder / name).glob("*"))
        if not files:
            raise ValueError(f"no images in {folder / name}: expected one folder for each of {', '.join(CLASSES)}")
        for file in tqdm(files, desc=f"reading {folder.name}/{name}", leave=False):
            with Image.open(file) as image:
                pixels = np.asarray(image.convert("RGB"))
            if pixels.shape != (SIZE, SIZE, 3):
                raise ValueError(f"{file} is {pixels.shape[1]}x{pixels.shape[0]}: CIFAR-10 images are {SIZE}x{SIZE}")
            images.append(pixels)
            labels.append(label)
    return Split(torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2).contiguous(), torch.tensor(labels))


def _from_torchvision(root: Path) -> Cifar10:
    from torchvision.datasets import CIFAR10

    def split(train: bool) -> Split:
        dataset = CIFAR10(str(root), train=train, download=True)
        images = torch.from_numpy(dataset.data).permute(0, 3, 1, 2).contiguous()
        return Split(images, torch.tensor(dataset.targets))

    return Cifar10(split(True), split(False), "torchvision.datasets.CIFAR10")
