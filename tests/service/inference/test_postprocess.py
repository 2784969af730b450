import numpy as np
import pytest

from model.labels import CLASSES
from service.inference.postprocess import from_logits


def test_the_label_has_the_largest_logit_and_probabilities_sum_to_one() -> None:
    logits = np.random.default_rng(0).normal(0, 5, (100, 10)).astype(np.float32)
    for row, prediction in zip(logits, from_logits(logits, CLASSES), strict=True):
        assert prediction.label == CLASSES[int(row.argmax())]
        assert prediction.confidence == max(prediction.probabilities.values())
        assert sum(prediction.probabilities.values()) == pytest.approx(1, abs=1e-5)
        assert tuple(prediction.probabilities) == CLASSES


def test_huge_logits_do_not_overflow() -> None:
    logits = np.array([[1e4] + [0.0] * 9], np.float32)
    assert from_logits(logits, CLASSES)[0].confidence == 1.0


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_logit_that_is_not_finite_is_an_error(value: float) -> None:
    with pytest.raises(ValueError, match="not finite"):
        from_logits(np.array([[value] + [0.0] * 9], np.float32), CLASSES)


def test_a_prediction_is_answered_with_six_digits() -> None:
    [prediction] = from_logits(np.array([[1.0, 2.0] + [0.0] * 8], np.float32), CLASSES)
    assert prediction.fields() == {
        "predict": CLASSES[1],
        "confidence": 0.40807,
        "probabilities": dict(zip(CLASSES, [0.15012, 0.40807, *[0.055226] * 8], strict=True)),
    }
