"""What training sees: shuffled, mirrored, shifted, noisy images with a blank square."""

import pytest

pytestmark = pytest.mark.torch


def test_batches_are_whole_and_every_image_comes_once() -> None:
    import torch

    from model.augment import batches
    from model.data import Split

    split = Split(torch.zeros(50, 3, 32, 32, dtype=torch.uint8), torch.arange(50))
    found = list(batches(split, batch_size=20, epoch=0, seed=0))
    assert [inputs.shape for inputs, _ in found] == [(20, 3, 32, 32)] * 2
    labels = torch.cat([labels for _, labels in found]).tolist()
    assert len(set(labels)) == 40
    assert labels != sorted(labels)
    assert all(inputs.is_contiguous(memory_format=torch.channels_last) for inputs, _ in found)


def test_batches_depend_on_seed_and_epoch_alone() -> None:
    import torch

    from model.augment import batches
    from model.data import Split

    split = Split(torch.randint(0, 256, (10, 3, 32, 32), dtype=torch.uint8), torch.arange(10))
    first, again, later, other = (
        next(batches(split, 10, epoch, seed))[0] for epoch, seed in ((3, 1), (3, 1), (4, 1), (3, 2))
    )
    torch.testing.assert_close(first, again, rtol=0, atol=0)
    assert not torch.equal(first, later)
    assert not torch.equal(first, other)


def test_every_image_has_one_blank_square_and_some_have_noise() -> None:
    import torch

    from model.augment import CUTOUT, batches
    from model.data import Split

    white = Split(torch.full((400, 3, 32, 32), 200, dtype=torch.uint8), torch.zeros(400, dtype=torch.int64))
    inputs, _ = next(batches(white, 400, epoch=0, seed=0))
    blank = (inputs == 0).all(dim=1)
    assert (blank.sum(dim=(1, 2)) == CUTOUT**2).all()
    assert (blank.any(dim=1).sum(dim=1) == CUTOUT).all()
    noisy = torch.tensor([len(image[0].unique()) > 2 for image in inputs])
    assert 0.1 < noisy.float().mean() < 0.3


def test_an_image_is_mirrored_in_every_second_epoch() -> None:
    import torch

    from model.augment import batches
    from model.data import Split

    ramp = (torch.arange(32) * 8).to(torch.uint8).expand(20, 3, 32, 32)
    split = Split(ramp, torch.arange(20))

    def mirrored(epoch: int) -> dict[int, bool]:
        inputs, labels = next(batches(split, 20, epoch, seed=0))
        brighter_left = inputs[..., :16].sum(dim=(1, 2, 3)) > inputs[..., 16:].sum(dim=(1, 2, 3))
        return dict(zip(labels.tolist(), brighter_left.tolist(), strict=True))

    even, odd = mirrored(0), mirrored(1)
    assert all(even[label] != odd[label] for label in range(20))
    assert 0 < sum(even.values()) < 20
