"""Choosing golden images: two of each class, correct by a margin."""

import numpy as np
import pytest
from numpy.typing import NDArray

pytestmark = pytest.mark.torch

Logits = NDArray[np.float32]


def answers(count: int = 40) -> tuple[NDArray[np.uint8], NDArray[np.int64], Logits]:
    """``count`` images of each class; the correct logit of the n-th leads by n / 10."""
    labels = np.arange(10).repeat(count)
    logits = np.zeros((10 * count, 10), np.float32)
    logits[np.arange(10 * count), labels] = np.tile(np.arange(count) / 10, 10)
    images = np.arange(10 * count)[:, None, None, None].astype(np.uint8)
    return images, labels, logits


def test_an_ordinary_and_an_easy_image_of_each_class_are_chosen() -> None:
    from model.selection import choose_golden

    golden = choose_golden(*answers(), margin=0.95)
    assert golden.labels.tolist() == np.arange(10).repeat(2).tolist()
    leads = golden.logits.max(axis=1).reshape(10, 2)
    np.testing.assert_allclose(leads, np.tile([2.5, 3.8], (10, 1)), rtol=1e-6)


def test_misclassified_images_are_not_chosen() -> None:
    from model.selection import choose_golden

    images, labels, logits = answers()
    logits[:, 0] += 2.05
    logits[labels == 0, 0] -= 2.05
    golden = choose_golden(images, labels, logits, margin=0.1)
    assert (golden.logits.argmax(axis=1) == golden.labels).all()


def test_a_class_without_suitable_images_is_named() -> None:
    from model.selection import choose_golden

    images, labels, logits = answers()
    logits[labels == 3] = 0
    with pytest.raises(ValueError, match=r"only 0 images of cat are right by more than 0\.5: train longer"):
        choose_golden(images, labels, logits, margin=0.5)


@pytest.mark.parametrize(("value", "expected"), [(0.001, 0.001), (0.00101, 0.002), (0.31, 0.4), (7.0, 7.0), (9.5, 10)])
def test_tolerances_are_rounded_up_to_one_digit(value: float, expected: float) -> None:
    from model.selection import _round_up

    assert _round_up(value) == expected
