import re

import pytest
from flask.testing import FlaskClient
from prometheus_client.openmetrics.parser import text_string_to_metric_families as strict
from prometheus_client.parser import text_string_to_metric_families

from model.labels import CLASSES
from service.app import Predictor
from service.multiprocess.merging import load
from service.multiprocess.peers import COUNTERS
from tests.service.messages import body
from tests.service.pictures import plain
from tests.service.scrape import families, value


def test_the_text_is_in_the_format_of_prometheus(client: FlaskClient) -> None:
    answer = client.get("/metrics")
    assert answer.content_type.startswith("text/plain")
    names = {family.name for family in text_string_to_metric_families(answer.text)}
    assert {"cifar10_predictions", "cifar10_ready", "process_resident_memory_bytes"} <= names


def test_open_metrics_is_served_on_request(client: FlaskClient) -> None:
    answer = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert answer.content_type.startswith("application/openmetrics-text")
    assert answer.text.endswith("# EOF\n")


def test_a_strict_open_metrics_parser_accepts_the_text_after_all_kinds_of_requests(client: FlaskClient) -> None:
    for label in CLASSES:
        prediction_id = body(client.post("/predict", data=plain(label)))["prediction_id"]
        client.post("/feedback", json={"prediction_id": prediction_id, "label": "cat"})
    for sent in (b"", b"no image"):
        client.post("/predict", data=sent)
    client.get("/nowhere")
    text = client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"}).text
    histograms = [family for family in strict(text) if family.type == "histogram"]  # type: ignore[no-untyped-call]
    assert "cifar10_prediction_negative_energy" in {family.name for family in histograms}
    for family in histograms:
        assert {f"{family.name}_{end}" for end in ("bucket", "count", "sum")} == {one.name for one in family.samples}


def test_all_ten_classes_exist_before_the_first_prediction(predictor: Predictor) -> None:
    assert [value(predictor, "cifar10_predictions_total", predicted_class=name) for name in CLASSES] == [0.0] * 10


def test_the_loaded_model_is_published(predictor: Predictor) -> None:
    artifact = predictor.loader.artifact
    assert artifact is not None
    labels = {"model_name": "colours", "model_version": "0.0.1", "engine": "torch", "precision": "float32"}
    assert value(predictor, "cifar10_model_info", weights_digest=artifact.card.sha256[:12], **labels) == 1.0


def test_the_readiness_metric_agrees_with_readyz(client: FlaskClient, predictor: Predictor) -> None:
    assert value(predictor, "cifar10_ready") == 1.0
    assert value(predictor, "cifar10_lifecycle_state", state="ready") == 1.0
    predictor.lifecycle.drain()
    assert client.get("/readyz").status_code == 503
    assert value(predictor, "cifar10_ready") == 0.0
    assert value(predictor, "cifar10_lifecycle_state", state="draining") == 1.0


@pytest.mark.parametrize("accept", ["application/openmetrics-text; version=abc", "text/plain;version=1..0", "é", ";"])
def test_a_malformed_accept_header_is_answered_with_text(client: FlaskClient, accept: str) -> None:
    answer = client.get("/metrics", headers={"Accept": accept})
    assert answer.status_code == 200
    assert "cifar10_ready" in answer.text


@pytest.mark.parametrize("accept", ["text/plain", "application/openmetrics-text; version=1.0.0"])
def test_a_scrape_contains_the_number_of_series_of_the_previous_scrape(client: FlaskClient, accept: str) -> None:
    first = client.get("/metrics", headers={"Accept": accept}).text
    second = client.get("/metrics", headers={"Accept": accept}).text
    [number] = re.findall(r"^cifar10_metric_series (\S+)$", second, re.MULTILINE)
    assert float(number) == sum(not line.startswith("#") for line in first.splitlines())


def test_a_worker_gives_its_own_metrics_to_its_peers(predictor: Predictor) -> None:
    answer = predictor.peer.test_client().get(COUNTERS)
    assert answer.status_code == 200
    assert {each.name for each in load(answer.data)} == {each.name for each in families(predictor)}


def test_only_peers_get_the_metrics_of_one_worker(predictor: Predictor, client: FlaskClient) -> None:
    assert predictor.ops.test_client().get(COUNTERS).status_code == 404
    assert client.get(COUNTERS).status_code == 404
