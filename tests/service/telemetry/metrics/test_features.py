from flask.testing import FlaskClient

from model.features import FEATURES
from service.app import Predictor
from service.telemetry.metrics.features import BINS
from tests.service.pictures import plain


def row(predictor: Predictor, name: str, feature: str) -> list[float]:
    registry = predictor.metrics.registry
    found = [registry.get_sample_value(name, {"feature": feature, "bin": str(each)}) for each in range(BINS)]
    assert None not in found
    return [value for value in found if value is not None]


def test_every_image_falls_into_one_bin_of_every_feature(client: FlaskClient, predictor: Predictor) -> None:
    for label in ("cat", "ship", "truck"):
        client.post("/predict", data=plain(label))
    for feature in FEATURES:
        assert sum(row(predictor, "cifar10_feature_bin_total", feature)) == 3


def test_the_reference_is_the_models(predictor: Predictor) -> None:
    artifact = predictor.loader.artifact
    assert artifact is not None
    for feature in FEATURES:
        published = row(predictor, "cifar10_feature_bin_reference_ratio", feature)
        assert published == list(artifact.card.reference.ratios[feature])


def test_brighter_pictures_fall_into_higher_bins(client: FlaskClient, predictor: Predictor) -> None:
    def bin_of(label: str) -> int:
        before = row(predictor, "cifar10_feature_bin_total", "brightness")
        client.post("/predict", data=plain(label))
        after = row(predictor, "cifar10_feature_bin_total", "brightness")
        return next(each for each in range(BINS) if after[each] > before[each])

    assert bin_of("airplane") < bin_of("truck")
