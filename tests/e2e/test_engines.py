"""The real server with each of its engines."""

import pytest

from model.engines import ENGINES
from tests.e2e.conftest import Start
from tests.e2e.traffic import BIRD


@pytest.mark.parametrize("engine", ENGINES)
def test_the_engine_that_is_asked_for_answers_and_is_named(start: Start, engine: str) -> None:
    server = start(engine=engine).wait_until_ready()
    assert server.predict(BIRD).json()["predict"] == "bird"
    [info] = [line for line in server.ops("/metrics").text.splitlines() if line.startswith("cifar10_model_info{")]
    assert f'engine="{engine}"' in info


def test_a_server_with_onnx_runtime_never_loads_torch(start: Start) -> None:
    server = start(engine="onnxruntime").wait_until_ready()
    server.predict(BIRD)
    [worker] = server.workers()
    with open(f"/proc/{worker}/maps") as maps:
        loaded = maps.read()
    assert "onnxruntime" in loaded
    assert "libtorch" not in loaded
