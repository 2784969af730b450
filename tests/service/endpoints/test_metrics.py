import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict
from prometheus_client.parser import text_string_to_metric_families

from model.labels import CLASSES
from service.app import Predictor
from tests.service.answers import body
from tests.service.pictures import plain


def sample(predictor: Predictor, name: str, **labels: str) -> float | None:
    return predictor.metrics.registry.get_sample_value(name, labels)


def test_the_text_is_what_prometheus_reads(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain")
    families = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"cifar10_predictions", "cifar10_ready", "process_resident_memory_bytes"} <= families


def test_open_metrics_is_served_to_whoever_asks_for_it(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_what_open_metrics_asks_for_is_kept_to_however_much_has_happened(client: FlaskClient) -> None:
    for label in CLASSES:
        prediction_id = body(client.post("/predict", data=plain(label)))["prediction_id"]
        client.post("/feedback", json={"prediction_id": prediction_id, "label": "cat"})
    for sent in (b"", b"no image"):
        client.post("/predict", data=sent)
    client.get("/nowhere")
    text = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}).text
    families = {family.name: family for family in strict(text)}  # type: ignore[no-untyped-call]
    histograms = [family for family in families.values() if family.type == "histogram"]
    assert "cifar10_prediction_negative_energy" in {family.name for family in histograms}
    for family in histograms:
        assert {f"{family.name}_{end}" for end in ("bucket", "count", "sum")} == {one.name for one in family.samples}


def test_all_ten_classes_are_there_before_the_first_prediction(predictor: Predictor) -> None:
    assert [sample(predictor, "cifar10_predictions_total", predicted_class=name) for name in CLASSES] == [0.0] * 10


def test_the_loaded_model_is_published(predictor: Predictor) -> None:
    artifact = predictor.loader.artifact
    assert artifact is not None
    labels = {"model_name": "colours", "model_version": "0.0.1", "engine": "torch", "precision": "float32"}
    assert sample(predictor, "cifar10_model_info", weights_digest=artifact.card.sha256[:12], **labels) == 1.0


def test_ready_is_what_readyz_answers(client: FlaskClient, predictor: Predictor) -> None:
    assert sample(predictor, "cifar10_ready") == 1.0
    assert sample(predictor, "cifar10_lifecycle_state", state="ready") == 1.0
    predictor.lifecycle.drain()
    assert client.get("/readyz").status_code == 503
    assert sample(predictor, "cifar10_ready") == 0.0
    assert sample(predictor, "cifar10_lifecycle_state", state="draining") == 1.0


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=abc", "text/plain;version=1..0", "é", ";"])
def test_whatever_the_accept_header_says_there_is_an_answer(client: FlaskClient, accept: str) -> None:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    assert "cifar10_ready" in answer.text
