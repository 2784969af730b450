import json
import subprocess
from collections.abc import Callable

import pytest
import requests

from model.engines import ENGINES
from tests.e2e.conftest import Start
from tests.e2e.server import ROOT, Server
from tests.e2e.traffic import BIRD, CLASSES, SAMPLES, parts

FIELDS = {"predict", "confidence", "probabilities", "prediction_id", "model", "request_id"}


@pytest.mark.parametrize("name", CLASSES)
def test_every_sample_is_recognised(server: Server, name: str) -> None:
    assert server.predict(SAMPLES[name]).json()["predict"] == name


def test_the_test_image_is_a_bird_as_a_form_and_as_a_body(server: Server) -> None:
    image = (ROOT / "test_image.png").read_bytes()
    form = requests.post(server.url(), files={"file": ("test_image.png", image)}, timeout=30)
    assert form.json()["predict"] == "bird"
    assert server.predict(image).json()["predict"] == "bird"


@pytest.mark.parametrize("option", ["-F file=@test_image.png", "--data-binary @test_image.png", "-T test_image.png"])
def test_curl_needs_one_option(server: Server, option: str, require_tool: Callable[[str, str], str]) -> None:
    command = [require_tool("curl", "curl"), "--silent", "--fail-with-body", *option.split(), server.url()]
    command += ["-X", "POST"] if option.startswith("-T") else []
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    assert json.loads(done.stdout)["predict"] == "bird"


def test_an_answer_has_the_fields_of_the_contract(server: Server) -> None:
    response = server.predict(BIRD)
    found = response.json()
    card = server.get("/model").json()
    assert response.headers["Content-Type"] == "application/json"
    assert found.keys() == FIELDS
    assert tuple(found["probabilities"]) == CLASSES
    assert sum(found["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
    assert found["confidence"] == max(found["probabilities"].values()) == found["probabilities"][found["predict"]]
    assert found["model"] == {"name": card["name"], "version": card["version"]}
    assert found["request_id"] == response.headers["X-Request-Id"]


def test_several_files_are_answered_in_their_order_with_their_names(server: Server) -> None:
    order = ("ship", "frog", "ship", "truck")
    response = requests.post(server.url(), files=parts(*(SAMPLES[name] for name in order)), timeout=30)
    found = response.json()
    assert found.keys() == {"predictions", "model", "request_id"}
    assert [one["predict"] for one in found["predictions"]] == list(order)
    assert [one["filename"] for one in found["predictions"]] == ["1.png", "2.png", "3.png", "4.png"]
    for one in found["predictions"]:
        assert one.keys() == {"predict", "confidence", "probabilities", "prediction_id", "filename"}


def test_other_fields_of_the_form_are_ignored(server: Server) -> None:
    response = requests.post(server.url(), files=parts(BIRD), data={"comment": "from my window"}, timeout=30)
    assert response.json()["predict"] == "bird"


def test_one_image_among_others_gets_the_class_it_gets_alone(server: Server) -> None:
    together = requests.post(server.url(), files=parts(*SAMPLES.values()), timeout=30).json()["predictions"]
    assert [one["predict"] for one in together] == list(CLASSES)


@pytest.mark.torch
@pytest.mark.parametrize("engine", ENGINES)
def test_each_engine_answers_and_is_named_in_the_metrics(start: Start, engine: str) -> None:
    server = start(engine=engine).wait_until_ready()
    assert server.predict(BIRD).json()["predict"] == "bird"
    [info] = [line for line in server.ops("/metrics").text.splitlines() if line.startswith("cifar10_model_info{")]
    assert f'engine="{engine}"' in info


def test_a_server_with_onnx_runtime_does_not_load_torch(server: Server) -> None:
    server.predict(BIRD)
    [worker] = server.workers()
    with open(f"/proc/{worker}/maps") as maps:
        loaded = maps.read()
    assert "onnxruntime" in loaded
    assert "libtorch" not in loaded
