import json

import pytest
import requests

from tests.e2e.server import ROOT, Server
from tests.e2e.traffic import BIRD, assert_refused, samples


def test_the_model_card_is_the_one_that_ships(server: Server) -> None:
    assert server.get("/model").json() == json.loads((ROOT / "model/artifacts/card.json").read_text())


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_both_ports_answer_the_same_operational_paths(server: Server, path: str) -> None:
    api, ops = server.get(path), server.ops(path)
    assert (api.status_code, ops.status_code) == (200, 200)
    assert api.headers["Content-Type"] == ops.headers["Content-Type"]


@pytest.mark.parametrize("path", ["/predict", "/model", "/"])
def test_the_operations_port_serves_nothing_else(server: Server, path: str) -> None:
    assert server.ops(path).status_code == 404
    assert requests.post(f"http://127.0.0.1:{server.ops_port}{path}", data=BIRD, timeout=20).status_code == 404


def test_readiness_names_its_checks(server: Server) -> None:
    found = server.ops("/readyz").json()
    assert (found["ready"], found["state"]) == (True, "ready")
    assert found["checks"].keys() == {"weights", "warm_up", "golden_images", "not_draining"}
    assert all(check["passed"] and check["detail"] for check in found["checks"].values())


def test_a_prediction_is_counted_once_and_seen_on_both_ports(server: Server) -> None:
    series = 'cifar10_predictions_total{"predicted_class": "bird"}'
    before = samples(server.ops("/metrics").text)[series]
    server.predict(BIRD)
    assert samples(server.ops("/metrics").text)[series] == before + 1
    assert samples(server.get("/metrics").text)[series] == before + 1


def test_openmetrics_is_served_if_the_client_accepts_it(server: Server) -> None:
    response = server.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})
    assert response.headers["Content-Type"].startswith("application/openmetrics-text")
    assert response.text.endswith("# EOF\n")


def test_an_unknown_path_is_refused(sturdy: Server) -> None:
    assert "/predictt" in assert_refused(sturdy.get("/predictt"), 404, "not_found")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_a_wrong_method_is_refused_with_the_right_one(sturdy: Server, method: str) -> None:
    response = requests.request(method, sturdy.url(), data=BIRD, timeout=20)
    assert_refused(response, 405, "method_not_allowed")
    assert "POST" in response.headers["Allow"]
