"""Corruptions are deterministic and grow with their strength."""

import itertools

import numpy as np
import pytest

from model.corruptions import Corruption, Images, corruptions, gaussian_noise

ALL = list(corruptions())


@pytest.fixture(scope="module")
def smooth() -> Images:
    """Images of waves with different colours, directions and lengths."""
    rows, columns = np.mgrid[0:32, 0:32]
    phase = np.arange(1, 9)[:, None, None, None] * (rows[..., None] + np.array([1, 2, 3]) * columns[..., None]) / 9
    waves: Images = (127 + 120 * np.sin(phase)).astype(np.uint8)
    return waves


def test_there_are_six_kinds_at_three_strengths() -> None:
    kinds = [len(list(cells)) for _, cells in itertools.groupby(ALL, key=lambda cell: cell.kind)]
    assert kinds == [3] * 6


@pytest.mark.parametrize("corruption", ALL, ids=lambda cell: f"{cell.kind} {cell.strength}")
def test_a_corruption_is_deterministic_and_keeps_its_input(corruption: Corruption, smooth: Images) -> None:
    before = smooth.copy()
    damaged = corruption.apply(smooth)
    assert damaged.shape == smooth.shape
    assert damaged.dtype == np.uint8
    assert (damaged != smooth).any()
    np.testing.assert_array_equal(damaged, corruption.apply(smooth))
    np.testing.assert_array_equal(smooth, before)


@pytest.mark.parametrize("kind", sorted({cell.kind for cell in ALL}))
def test_a_greater_strength_changes_more(kind: str, smooth: Images) -> None:
    damage = [np.abs(cell.apply(smooth) - smooth.astype(float)).mean() for cell in ALL if cell.kind == kind]
    assert damage == sorted(damage)
    assert damage[0] < damage[-1]


def test_noise_has_the_sigma_it_says() -> None:
    grey = np.full((20, 32, 32, 3), 128, np.uint8)
    assert gaussian_noise(grey, 8).std() == pytest.approx(8, rel=0.02)
