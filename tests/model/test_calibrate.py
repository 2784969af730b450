"""Temperature scaling and calibration error."""

import numpy as np
import pytest
from numpy.typing import NDArray

from model.calibrate import (
    cross_validated_error,
    expected_calibration_error,
    fit_temperature,
    negative_log_likelihood,
    softmax,
)


def draw(logits: NDArray[np.float64], seed: int = 0) -> NDArray[np.int64]:
    """Random labels with the probabilities of the logits."""
    uniform = np.random.default_rng(seed).random((len(logits), 1))
    labels: NDArray[np.int64] = (softmax(logits).cumsum(axis=1)[:, :-1] < uniform).sum(axis=1)
    return labels


@pytest.fixture(scope="module")
def logits() -> NDArray[np.float64]:
    return np.random.default_rng(1).normal(0, 2, (6_000, 10))


@pytest.mark.parametrize("temperature", [0.3, 1.0, 2.5])
def test_the_fit_finds_the_temperature_that_the_labels_were_drawn_with(
    logits: NDArray[np.float64], temperature: float
) -> None:
    assert fit_temperature(logits * temperature, draw(logits)) == pytest.approx(temperature, rel=0.05)


def test_the_fitted_temperature_has_the_lowest_loss(logits: NDArray[np.float64]) -> None:
    labels = draw(logits)
    best = fit_temperature(3 * logits, labels)
    losses = [negative_log_likelihood(softmax(3 * logits / (best * factor)), labels) for factor in (0.95, 1.0, 1.05)]
    assert min(losses) == losses[1]


def test_calibrated_confidences_have_no_calibration_error(logits: NDArray[np.float64]) -> None:
    labels = draw(logits)
    assert expected_calibration_error(softmax(logits), labels) < 0.025
    assert cross_validated_error(3 * logits, labels) < 0.025


def test_the_calibration_error_of_overconfidence_is_the_excess() -> None:
    probabilities = np.tile([0.9, 0.1], (100, 1))
    labels = np.repeat([0, 1], [60, 40])
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.3)


def test_errors_in_opposite_directions_do_not_cancel_between_bins() -> None:
    probabilities = np.array([[0.6, 0.4]] * 10 + [[0.9, 0.1]] * 10)
    labels = np.array([0] * 9 + [1] + [0] * 6 + [1] * 4)
    assert expected_calibration_error(probabilities, labels) == pytest.approx(0.3)


def test_full_confidence_falls_into_the_last_bin() -> None:
    assert expected_calibration_error(np.eye(2)[[0, 1]], np.array([0, 1])) == 0.0


def test_softmax_accepts_large_logits() -> None:
    np.testing.assert_allclose(softmax(np.array([[1e4, 0.0], [-1e4, -1e4]])), np.array([[1, 0], [0.5, 0.5]]))


def test_the_loss_of_a_coin_toss_is_ln_2() -> None:
    assert negative_log_likelihood(np.full((3, 2), 0.5), np.array([0, 1, 1])) == pytest.approx(np.log(2))
