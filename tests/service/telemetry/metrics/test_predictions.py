import io

import numpy as np
import pytest
from flask.testing import FlaskClient
from prometheus_client import CollectorRegistry

from model.drift import FEATURES, of_answers
from model.labels import CLASSES
from service.app import Predictor
from service.telemetry.metrics.drift import BINS
from service.telemetry.metrics.predictions import LOW_CONFIDENCE, PredictionMetrics
from tests.service.fakes import ColourEngine
from tests.service.pictures import plain
from tests.service.scrape import value


class Answering(ColourEngine):
    """Always answers these logits."""

    def __init__(self, *logits: float) -> None:
        self._logits = np.array(logits, np.float32)

    def predict(self, images: np.ndarray) -> np.ndarray:
        return np.tile(self._logits, (len(images), 1))


SURE = (9.0, *[0.0] * 9)
TORN = (0.1, *[0.0] * 9)
BELOW_ZERO = (-50.0,) * 10


def test_predictions_below_the_threshold_are_counted_as_low_confidence(
    client: FlaskClient, predictor: Predictor
) -> None:
    for logits in (SURE, TORN, TORN):
        predictor.loader.engine = Answering(*logits)
        client.post("/predict", data=plain("cat"))
    assert value(predictor, "cifar10_low_confidence_predictions_total") == 2
    assert value(predictor, "cifar10_low_confidence_threshold_ratio") == LOW_CONFIDENCE
    assert value(predictor, "cifar10_prediction_confidence_ratio_bucket", le=str(LOW_CONFIDENCE)) == 2


def test_images_are_counted_by_their_size_as_sent(client: FlaskClient, predictor: Predictor) -> None:
    files = [(io.BytesIO(plain("cat", size)), "x.png") for size in ((32, 32), (40, 30), (600, 400))]
    client.post("/predict", data={"file": files})
    assert value(predictor, "cifar10_input_image_pixels_count") == 3
    assert value(predictor, "cifar10_input_image_pixels_sum") == 1024 + 1200 + 240_000
    assert value(predictor, "cifar10_input_image_pixels_bucket", le="1024.0") == 1


def test_data_that_is_not_an_image_has_no_size(client: FlaskClient, predictor: Predictor) -> None:
    client.post("/predict", data=b"no image")
    assert value(predictor, "cifar10_input_image_pixels_count") == 0


@pytest.mark.parametrize("logits", [SURE, TORN])
def test_the_negative_energy_is_summed(client: FlaskClient, predictor: Predictor, logits: tuple[float, ...]) -> None:
    predictor.loader.engine = Answering(*logits)
    for _ in range(2):
        client.post("/predict", data=plain("cat"))
    energy = of_answers(np.array([logits], np.float32))["energy"][0]
    assert value(predictor, "cifar10_prediction_negative_energy_sum") == pytest.approx(-2 * energy)
    assert value(predictor, "cifar10_prediction_negative_energy_count") == 2


def test_the_sum_of_the_negative_energy_never_decreases(client: FlaskClient, predictor: Predictor) -> None:
    predictor.loader.engine = Answering(*BELOW_ZERO)
    assert client.post("/predict", data=plain("cat")).status_code == 200
    assert value(predictor, "cifar10_prediction_negative_energy_sum") == 0
    assert value(predictor, "cifar10_prediction_negative_energy_bucket", le="3.0") == 1


def bins(predictor: Predictor, name: str, feature: str) -> list[float]:
    found = [value(predictor, name, feature=feature, bin=str(each)) for each in range(BINS)]
    assert None not in found
    return [count for count in found if count is not None]


def test_every_image_is_counted_in_one_bin_of_every_feature(client: FlaskClient, predictor: Predictor) -> None:
    for label in ("cat", "ship", "truck"):
        client.post("/predict", data=plain(label))
    for feature in FEATURES:
        assert sum(bins(predictor, "cifar10_feature_bin_total", feature)) == 3


def test_the_reference_ratios_are_those_of_the_model(predictor: Predictor) -> None:
    artifact = predictor.loader.artifact
    assert artifact is not None
    reference = artifact.card.reference
    for feature in FEATURES:
        assert bins(predictor, "cifar10_feature_bin_reference_ratio", feature) == list(reference.ratios[feature])
    published = {name: value(predictor, "cifar10_reference_class_ratio", predicted_class=name) for name in CLASSES}
    assert published == reference.classes


def test_brighter_images_are_counted_in_higher_bins(client: FlaskClient, predictor: Predictor) -> None:
    def bin_of(label: str) -> int:
        before = bins(predictor, "cifar10_feature_bin_total", "brightness")
        client.post("/predict", data=plain(label))
        after = bins(predictor, "cifar10_feature_bin_total", "brightness")
        return next(each for each in range(BINS) if after[each] > before[each])

    assert bin_of("airplane") < bin_of("truck")


def test_feedback_is_counted_by_predicted_and_true_class() -> None:
    registry = CollectorRegistry()
    metrics = PredictionMetrics(registry, CLASSES)
    metrics.feedback("cat", "dog")
    metrics.feedback("cat", "dog")
    metrics.feedback("cat", "cat")
    [family] = [family for family in registry.collect() if family.name == "cifar10_feedback"]
    counts = {
        (one.labels["predicted_class"], one.labels["label"]): one.value
        for one in family.samples
        if one.name.endswith("_total")
    }
    zeros = {(predicted, label): 0.0 for predicted in CLASSES for label in CLASSES}
    assert counts == zeros | {("cat", "dog"): 2.0, ("cat", "cat"): 1.0}
