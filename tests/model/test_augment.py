"""Augmented batches: shuffled, flipped, shifted, with colour changes and noise, Cutout and CutMix."""

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import torch

    from model.data import Split

pytestmark = pytest.mark.torch


@pytest.fixture
def grey() -> "Split":
    """400 even grey images of changing classes."""
    import torch

    from model.data import Split

    return Split(torch.full((400, 3, 32, 32), 120, dtype=torch.uint8), torch.arange(400) % 10)


def first_batch(split: "Split", epoch: int = 0, seed: int = 0) -> "tuple[torch.Tensor, torch.Tensor]":
    from model.augment import batches

    return next(batches(split, len(split), epoch, seed))


def unmixed(targets: "torch.Tensor") -> "torch.Tensor":
    """Which images were not mixed with another class."""
    return targets.max(dim=1).values == 1


def test_batches_are_complete_and_no_image_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from model import augment
    from model.data import Split

    monkeypatch.setattr(augment, "MIXED_SHARE", 0.0)
    split = Split(torch.zeros(10, 3, 32, 32, dtype=torch.uint8), torch.arange(10))
    found = list(augment.batches(split, batch_size=4, epoch=0, seed=0))
    assert [inputs.shape for inputs, _ in found] == [(4, 3, 32, 32)] * 2
    labels = torch.cat([targets.argmax(1) for _, targets in found]).tolist()
    assert len(set(labels)) == 8
    assert labels != sorted(labels)
    assert all(inputs.is_contiguous(memory_format=torch.channels_last) for inputs, _ in found)


def test_batches_depend_on_seed_and_epoch_only() -> None:
    import torch

    from model.data import Split

    split = Split(torch.randint(0, 256, (10, 3, 32, 32), dtype=torch.uint8), torch.arange(10))
    first, again, later, other = (
        first_batch(split, epoch, seed)[0] for epoch, seed in ((3, 1), (3, 1), (4, 1), (3, 2))
    )
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.equal(first, later)
    assert not torch.equal(first, other)


def test_an_image_without_cutmix_has_a_blank_square(grey: "Split", monkeypatch: pytest.MonkeyPatch) -> None:
    from model import augment

    monkeypatch.setattr(augment, "MIXED_SHARE", 0.0)
    inputs, targets = first_batch(grey)
    blank = (inputs == 0).all(dim=1)
    assert unmixed(targets).all()
    assert (blank.sum(dim=(1, 2)) == augment.CUTOUT**2).all()
    assert (blank.any(dim=1).sum(dim=1) == augment.CUTOUT).all()


def test_cutmix_mixes_the_labels_by_the_share_of_the_area() -> None:
    import torch

    from model.data import Split

    half = torch.arange(400) < 200
    dark_or_bright = torch.where(half, 60, 190).to(torch.uint8)[:, None, None, None].expand(-1, 3, 32, 32)
    inputs, targets = first_batch(Split(dark_or_bright, torch.where(half, 0, 1)))
    mixed = ~unmixed(targets)
    assert 50 < mixed.sum() < 150  # half of them are mixed with their own class
    bright = (inputs[mixed].mean(dim=1) > 0).float().mean(dim=(1, 2))
    torch.testing.assert_close(targets[mixed, 1], bright, rtol=0, atol=1e-6)
    assert targets.sum(dim=1).tolist() == pytest.approx([1.0] * 400)


def test_some_images_have_noise_and_each_has_its_own_brightness(grey: "Split", monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from model import augment
    from model.network import channel_statistics

    monkeypatch.setattr(augment, "MIXED_SHARE", 0.0)
    inputs, _ = first_batch(grey)
    noisy = torch.tensor([len(torch.unique(image[0])) > 2 for image in inputs])
    assert 0.04 < noisy.float().mean() < 0.2
    mean, std = channel_statistics()
    brightness = (inputs * std + mean)[~noisy].flatten(1).median(dim=1).values  # the median ignores the blank square
    assert (brightness - 120).abs().max() <= augment.BRIGHTNESS + 1
    assert len(torch.unique(brightness.round())) > 20


def test_contrast_and_saturation_change_within_their_limits() -> None:
    import torch

    from model.augment import BRIGHTNESS, LIGHT, _light

    pixels = torch.zeros(200, 3, 32, 32) + torch.tensor([140.0, 120.0, 100.0])[:, None, None]
    pixels[..., :16] += 10
    pixels[..., 16:] -= 10
    changed = _light(pixels, torch.Generator().manual_seed(0))
    contrast = (changed[..., 0] - changed[..., -1]).mean(dim=(1, 2)) / 20
    colour = (changed[:, 0] - changed[:, 2]).mean(dim=(1, 2)) / 40
    moved = changed.mean(dim=(1, 2, 3)) - 120
    for factor in (contrast, colour / contrast):
        assert (factor - 1).abs().max() <= LIGHT + 0.1
        assert factor.std() > LIGHT / 4
    assert moved.abs().max() <= BRIGHTNESS + 1
    assert moved.std() > BRIGHTNESS / 3


def test_an_image_is_mirrored_in_every_second_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from model import augment
    from model.data import Split

    monkeypatch.setattr(augment, "MIXED_SHARE", 0.0)
    ramp = (torch.arange(32) * 8).to(torch.uint8).expand(10, 3, 32, 32)
    split = Split(ramp, torch.arange(10))

    def mirrored(epoch: int) -> dict[int, bool]:
        inputs, targets = first_batch(split, epoch)
        brighter_left = inputs[..., :16].sum(dim=(1, 2, 3)) > inputs[..., 16:].sum(dim=(1, 2, 3))
        return dict(zip(targets.argmax(1).tolist(), brighter_left.tolist(), strict=True))

    even, odd = mirrored(0), mirrored(1)
    assert all(even[label] != odd[label] for label in range(10))
    assert 0 < sum(even.values()) < 10
