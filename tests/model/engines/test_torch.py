"""The PyTorch engine on the shipped weights."""

import dataclasses
import threading
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from model.artifact import Artifact
from model.engines import cpu, load
from model.engines.golden import check

pytestmark = pytest.mark.torch

Images = NDArray[np.uint8]


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
@pytest.mark.parametrize("packed", [True, False], ids=["packed", "eager"])
def test_it_passes_the_self_test(shipped: Artifact, precision: str, packed: bool) -> None:
    from model.engines.torch import TorchEngine

    engine = TorchEngine(shipped.weights(), precision, threads=1, packed=packed)
    result = check(engine, shipped.golden(), shipped.card.tolerances[precision])
    assert result.passed, result.detail
    assert (engine.name, engine.precision, engine.threads) == ("torch", precision, 1)


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_a_prediction_does_not_depend_on_the_rest_of_the_batch(
    shipped: Artifact, images: Images, precision: str
) -> None:
    engine = load("torch", shipped, precision=precision, threads=1)
    together = engine.predict(images)
    alone = np.concatenate([engine.predict(image[None]) for image in images])
    np.testing.assert_allclose(together, alone, atol=shipped.card.tolerances[precision])
    assert together.shape == (16, 10)
    assert together.dtype == np.float32


def test_packed_and_eager_agree(shipped: Artifact, images: Images) -> None:
    from model.engines.torch import TorchEngine

    packed, eager = (TorchEngine(shipped.weights(), "float32", threads=1, packed=choice) for choice in (True, False))
    np.testing.assert_allclose(packed.predict(images), eager.predict(images), atol=1e-4)


def test_without_onednn_it_falls_back_to_eager(
    shipped: Artifact, images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from model.engines.packed import pack
    from model.network import Network

    expected = load("torch", shipped, precision="float32", threads=1).predict(images)
    monkeypatch.setattr(torch._C, "_has_mkldnn", False)
    assert pack(Network(folded=True), torch.float32) is None
    found = load("torch", shipped, precision="float32", threads=1).predict(images)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_auto_selects_bfloat16_if_the_cpu_supports_it(shipped: Artifact, monkeypatch: pytest.MonkeyPatch) -> None:
    for supported, precision in ((True, "bfloat16"), (False, "float32")):
        monkeypatch.setattr(cpu, "has_bfloat16", lambda supported=supported: supported)
        assert load("torch", shipped, threads=1).precision == precision


def test_auto_selects_float32_if_bfloat16_fails_the_golden_images(
    shipped: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "has_bfloat16", lambda: True)
    strict = dataclasses.replace(shipped.card, tolerances={"float32": 1e-3, "bfloat16": 0.0})
    contents = {name: (shipped.directory / name).read_bytes() for name in shipped.card.files}
    artifact = Artifact(shipped.directory, strict, contents)
    assert load("torch", artifact, threads=1).precision == "float32"


def test_the_number_of_threads_defaults_to_the_available_cpus(
    shipped: Artifact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cpu, "default_threads", lambda: 1)
    assert load("torch", shipped, precision="float32").threads == 1


def test_another_thread_may_predict_and_images_may_be_read_only(shipped: Artifact, images: Images) -> None:
    engine = load("torch", shipped, precision="float32", threads=1)
    images.setflags(write=False)
    found: list[NDArray[np.float32]] = []
    thread = threading.Thread(target=lambda: found.append(engine.predict(images)))
    thread.start()
    thread.join()
    np.testing.assert_array_equal(found[0], engine.predict(images))


def test_images_are_not_changed(shipped: Artifact, images: Images) -> None:
    before = images.copy()
    load("torch", shipped, precision="float32", threads=1).predict(images)
    np.testing.assert_array_equal(images, before)


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [((1, 3, 32, 32), np.uint8), ((32, 32, 3), np.uint8), ((1, 28, 28, 3), np.uint8), ((1, 32, 32, 3), np.float32)],
)
def test_other_inputs_are_refused(shipped: Artifact, shape: tuple[int, ...], dtype: Any) -> None:
    engine = load("torch", shipped, precision="float32", threads=1)
    with pytest.raises(ValueError, match="expected uint8 images"):
        engine.predict(np.zeros(shape, dtype))


def test_a_graph_runs_its_operations_in_order_and_uses_weights() -> None:
    import torch

    from model.engines.graph import Graph

    graph = Graph()
    scaled = graph.operation("aten::mul", Graph.INPUT, graph.weight(torch.tensor([1.0, -2.0])))
    function = graph.function(graph.operation("aten::relu", scaled))
    assert function(torch.tensor([3.0, 4.0])).tolist() == [3.0, 0.0]
    assert function(torch.tensor([-3.0, -4.0])).tolist() == [0.0, 8.0]


def test_arguments_of_a_graph_may_be_lists_numbers_booleans_strings_and_none() -> None:
    import torch

    from model.engines.graph import Graph

    graph = Graph()
    largest = graph.operation("aten::amax", Graph.INPUT, (0, 1), True)
    rounded = graph.operation("aten::div", largest, graph.weight(torch.tensor(2.0)), "floor")
    converted = graph.operation("aten::to", rounded, 3, False, False, None)
    result = graph.function(converted)(torch.tensor([[1.0, 5.0], [3.0, 2.0]]))
    assert (result.tolist(), result.dtype) == ([[2]], torch.int32)


def test_a_graph_with_an_unknown_operation_fails_when_it_is_called() -> None:
    import torch

    from model.engines.graph import Graph

    graph = Graph()
    function = graph.function(graph.operation("aten::nonsense", Graph.INPUT))
    with pytest.raises(RuntimeError):
        function(torch.zeros(1))
