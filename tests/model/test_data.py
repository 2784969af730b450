"""Loading CIFAR-10 and splitting off validation images."""

import sys
import types
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.labels import CLASSES

pytestmark = pytest.mark.torch


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three training images and one test image of each class; the colour encodes class and number."""
    for part, count in (("train", 3), ("test", 1)):
        for label, name in enumerate(CLASSES):
            (tmp_path / part / name).mkdir(parents=True)
            for i in range(count):
                Image.new("RGB", (32, 32), (label, i, 200)).save(tmp_path / part / name / f"{i}.png")
    return tmp_path


def test_a_folder_gives_images_and_labels_in_order(folder: Path) -> None:
    from model.data import load

    cifar10 = load(folder, download_to=folder)
    assert cifar10.source == "image folder"
    assert (len(cifar10.train), len(cifar10.test)) == (30, 10)
    assert cifar10.train.images.shape == (30, 3, 32, 32)
    assert cifar10.train.images[:, 0, 0, 0].tolist() == cifar10.train.labels.tolist()
    assert cifar10.train.images[:3, 1, 5, 5].tolist() == [0, 1, 2]


def test_a_class_without_images_is_named(folder: Path) -> None:
    from model.data import load

    for file in (folder / "test" / "frog").iterdir():
        file.unlink()
    with pytest.raises(ValueError, match=f"no images in {folder}/test/frog: expected one folder for each of airplane"):
        load(folder, download_to=folder)


def test_an_image_of_another_size_is_named(folder: Path) -> None:
    from model.data import load

    Image.new("RGB", (40, 32)).save(folder / "train" / "ship" / "1.png")
    with pytest.raises(ValueError, match=r"train/ship/1\.png is 40x32: CIFAR-10 images are 32x32"):
        load(folder, download_to=folder)


def test_without_a_folder_torchvision_downloads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from model.data import load

    class FakeCIFAR10:
        """Stands in for ``torchvision.datasets.CIFAR10``: same arguments and attributes, no download."""

        def __init__(self, root: str, *, train: bool, download: bool) -> None:
            assert (root, download) == (str(tmp_path), True)
            self.data = np.full((4 if train else 2, 32, 32, 3), 7, np.uint8)
            self.targets = [1, 2, 3, 4] if train else [5, 6]

    fake_datasets = types.ModuleType("torchvision.datasets")
    fake_datasets.__dict__["CIFAR10"] = FakeCIFAR10
    monkeypatch.setitem(sys.modules, "torchvision", types.ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.datasets", fake_datasets)
    cifar10 = load(None, download_to=tmp_path)
    assert cifar10.source == "torchvision.datasets.CIFAR10"
    assert (cifar10.train.images.shape, cifar10.test.labels.tolist()) == ((4, 3, 32, 32), [5, 6])


def test_hold_out_takes_equally_many_of_each_class_and_loses_none() -> None:
    import torch

    from model.data import Split, hold_out

    labels = torch.arange(10).repeat(7)
    images = torch.arange(70, dtype=torch.uint8)[:, None, None, None].expand(70, 3, 32, 32)
    training, validation = hold_out(Split(images, labels), per_class=2, seed=0)
    assert torch.bincount(validation.labels).tolist() == [2] * 10
    assert torch.bincount(training.labels).tolist() == [5] * 10
    identities = torch.cat((training.images, validation.images))[:, 0, 0, 0]
    assert sorted(identities.tolist()) == list(range(70))


def test_hold_out_depends_on_the_seed_only() -> None:
    import torch

    from model.data import Split, hold_out

    split = Split(torch.arange(200, dtype=torch.uint8)[:, None, None, None], torch.arange(10).repeat(20))
    first, again, other = (hold_out(split, per_class=5, seed=seed)[1].sha256() for seed in (0, 0, 1))
    assert first == again != other


def test_the_hash_of_a_split_depends_on_pixels_and_labels() -> None:
    import torch

    from model.data import Split

    images, labels = torch.zeros(2, 3, 32, 32, dtype=torch.uint8), torch.tensor([0, 1])
    other = images.clone()
    other[1, 2, 31, 31] = 1
    hashes = {Split(images, labels).sha256(), Split(other, labels).sha256(), Split(images, labels + 1).sha256()}
    assert len(hashes) == 3
