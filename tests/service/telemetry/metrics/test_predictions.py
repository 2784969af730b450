import io

import numpy as np
import pytest
from flask.testing import FlaskClient

from model.features import of_answers
from service.app import Predictor
from service.telemetry.metrics.predictions import LOW_CONFIDENCE
from tests.service.fakes import ColourEngine
from tests.service.pictures import plain


def sample(predictor: Predictor, name: str, **labels: str) -> float | None:
    return predictor.metrics.registry.get_sample_value(name, labels)


class Answering(ColourEngine):
    """An engine that always gives these logits."""

    def __init__(self, *logits: float) -> None:
        self._logits = np.array(logits, np.float32)

    def predict(self, images: np.ndarray) -> np.ndarray:
        return np.tile(self._logits, (len(images), 1))


SURE = (9.0, *[0.0] * 9)
TORN = (0.1, *[0.0] * 9)
BELOW_ZERO = (-50.0,) * 10


def test_only_what_is_less_probable_than_the_threshold_is_counted_as_doubtful(
    client: FlaskClient, predictor: Predictor
) -> None:
    for logits in (SURE, TORN, TORN):
        predictor.loader.engine = Answering(*logits)
        client.post("/predict", data=plain("cat"))
    assert sample(predictor, "cifar10_low_confidence_predictions_total") == 2
    assert sample(predictor, "cifar10_low_confidence_threshold_ratio") == LOW_CONFIDENCE
    assert sample(predictor, "cifar10_prediction_confidence_ratio_bucket", le=str(LOW_CONFIDENCE)) == 2


def test_images_are_counted_by_the_size_they_were_sent_in(client: FlaskClient, predictor: Predictor) -> None:
    files = [(io.BytesIO(plain("cat", size)), "x.png") for size in ((32, 32), (40, 30), (600, 400))]
    client.post("/predict", data={"file": files})
    assert sample(predictor, "cifar10_input_image_pixels_count") == 3
    assert sample(predictor, "cifar10_input_image_pixels_sum") == 1024 + 1200 + 240_000
    assert sample(predictor, "cifar10_input_image_pixels_bucket", le="1024.0") == 1


def test_an_image_that_is_not_classified_has_no_size(client: FlaskClient, predictor: Predictor) -> None:
    client.post("/predict", data=b"no image")
    assert sample(predictor, "cifar10_input_image_pixels_count") == 0


@pytest.mark.parametrize("logits", [SURE, TORN])
def test_the_negative_energy_adds_up(client: FlaskClient, predictor: Predictor, logits: tuple[float, ...]) -> None:
    predictor.loader.engine = Answering(*logits)
    for _ in range(2):
        client.post("/predict", data=plain("cat"))
    energy = of_answers(np.array([logits], np.float32))["energy"][0]
    assert sample(predictor, "cifar10_prediction_negative_energy_sum") == pytest.approx(-2 * energy)
    assert sample(predictor, "cifar10_prediction_negative_energy_count") == 2


def test_however_strange_the_answer_the_sums_grow_only(client: FlaskClient, predictor: Predictor) -> None:
    predictor.loader.engine = Answering(*BELOW_ZERO)
    assert client.post("/predict", data=plain("cat")).status_code == 200
    assert sample(predictor, "cifar10_prediction_negative_energy_sum") == 0
    assert sample(predictor, "cifar10_prediction_negative_energy_bucket", le="3.0") == 1
